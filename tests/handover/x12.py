"""X12 850 read strictly by the parser of Bots, with its grammar of 4010, and added up anew."""

import logging
import sys
from decimal import Decimal

from edi_parser.api import parse_edi

# The parser logs what it raises; that some of it is raised here is meant.
logging.disable(logging.CRITICAL)


def parse(text):
    result = parse_edi(text, "x12", "x12", charset="us-ascii", field_validation_mode="strict",
                       empty_segment_handling="error")
    errors = [error for error in result["errors"] if error]
    if not result["success"] or errors:
        raise ValueError(errors)
    return result["data"]


def below(node, name):
    found = [child for child in node.get("_children", []) if child["BOTSID"] == name]
    for child in node.get("_children", []):
        found += below(child, name)
    return found


def cost_of(item):
    cost = Decimal(item["PO102"]) * Decimal(item["PO104"])
    return cost.quantize(Decimal("0.01"), "ROUND_HALF_UP")


def check(text):
    """Raises where something does not fit; gives how many orders and lines there are."""
    first = text.split("\n")[0]
    assert len(first) == 106, f"ISA has {len(first)} bytes"
    assert text.isascii(), "not ASCII"
    interchanges = parse(text)["children"]
    orders = lines = 0
    for interchange in interchanges:
        trailer = below(interchange, "IEA")[0]
        groups = below(interchange, "GS")
        assert trailer["IEA01"] == str(len(groups)), "IEA01"
        assert trailer["IEA02"] == interchange["ISA13"], "IEA02"
        for group in groups:
            sets = below(group, "ST")
            end = below(group, "GE")[0]
            assert end["GE01"] == str(len(sets)) and end["GE02"] == group["GS06"], "GE"
            for one in sets:
                items = below(one, "PO1")
                totals = below(one, "CTT")[0]
                assert totals["CTT01"] == str(len(items)), "CTT01"
                units = sum(Decimal(item["PO102"]) for item in items)
                assert Decimal(totals["CTT02"]) == units, f"CTT02 is not {units}"
                worth = sum(cost_of(item) for item in items)
                amount = Decimal(below(totals, "AMT")[0]["AMT02"])
                assert amount == worth, f"AMT02 {amount} is not {worth}"
                orders += 1
                lines += len(items)
    # Segments of each transaction set, counted without the parser.
    count = 0
    for segment in text.replace("\n", "").split("~"):
        name = segment.split("*")[0]
        count = 1 if name == "ST" else count + 1
        if name == "SE":
            assert segment.split("*")[1] == str(count), f"SE01 is not {count}"
    return orders, lines


def must_fail(text, old, new):
    assert old in text, old
    try:
        check(text.replace(old, new, 1))
    except (AssertionError, ValueError, KeyError, IndexError):
        return
    raise AssertionError(f"the check does not see {old!r} become {new!r}")


for path in sys.argv[1:]:
    text = open(path, encoding="ascii", newline="").read()
    orders, lines = check(text)
    must_fail(text, "\nCTT*", "\nCTT*9")
    must_fail(text, "\nSE*", "\nSE*9")
    must_fail(text, "\nGE*", "\nGE*9")
    must_fail(text, "AMT*TT*", "AMT*TT*9")
    must_fail(text, "\nBEG*", "\nXYZ*")
    print(f"x12: {path.rsplit('/', 1)[-1]}: {orders} orders, {lines} lines")
