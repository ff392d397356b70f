"""UBL orders against the schema of OASIS; then their sums added up anew."""

import sys
from decimal import Decimal

from lxml import etree

SPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}

schema = etree.XMLSchema(etree.parse(sys.argv[1]))


def check(tree):
    schema.assertValid(tree)
    root = tree.getroot() if hasattr(tree, "getroot") else tree
    find = lambda node, path: node.findall(path, SPACES)
    lines = find(root, "cac:OrderLine/cac:LineItem")
    assert len(lines) == int(find(root, "cbc:LineCountNumeric")[0].text)
    total = Decimal(find(root, "cac:AnticipatedMonetaryTotal/cbc:PayableAmount")[0].text)
    of_lines = Decimal(0)
    for line in lines:
        amount = Decimal(find(line, "cbc:LineExtensionAmount")[0].text)
        quantity = Decimal(find(line, "cbc:Quantity")[0].text)
        worth = quantity * Decimal(find(line, "cac:Price/cbc:PriceAmount")[0].text)
        assert abs(amount - worth) <= Decimal("0.005"), f"{amount} is not {worth}"
        of_lines += amount
    assert of_lines == total, f"{total} is not {of_lines}"
    return len(lines)


for path in sys.argv[2:]:
    lines = check(etree.parse(path))
    text = open(path, "rb").read()
    for old, new in [(b"cbc:IssueDate", b"cbc:IssueDay"), (b"<cbc:ID>", b"<cbc:UUID/><cbc:ID>")]:
        try:
            check(etree.fromstring(text.replace(old, new)))
        except etree.DocumentInvalid:
            continue
        raise AssertionError(f"the schema takes {new!r}")
    print(f"ubl: {path.rsplit('/', 1)[-1]}: valid, {lines} lines")
