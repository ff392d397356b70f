"""What LibreOffice makes of the workbooks: skus keep zeros, dates are dates, pages print."""

import csv
import glob
import os
import re
import sys

out, books = sys.argv[1:3]
names = [os.path.basename(path)[: -len(".xlsx")] for path in glob.glob(books + "/*.xlsx")]
assert names, "no workbook"
for name in names:
    tables = glob.glob(f"{out}/{glob.escape(name)}-*.csv")
    assert len(tables) >= 2, f"{name}: LibreOffice wrote {tables}"
    table = [path for path in tables if path.endswith("-Lines.csv")]
    assert len(table) == 1, f"{name} has no sheet called Lines"
    with open(table[0], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["order_date"]), row["order_date"]
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["requested_date"]), row["requested_date"]
        assert float(row["quantity"].replace(",", "")) > 0
    if name.startswith("ACME"):
        skus = {row["sku"] for row in rows}
        assert {"00420", "=A1+B1", "E5"} <= skus, skus
    pdf = f"{out}/{name}.pdf"
    assert open(pdf, "rb").read(5) == b"%PDF-", f"{name} does not print"
    print(f"xlsx: {name}: {len(rows)} lines, {len(tables)} sheets, prints")
