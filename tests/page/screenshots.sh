#!/usr/bin/env bash
# Pictures of the sample's page: tests/page/screenshots.sh FOLDER [a restock binary].
# Writes docs/page.png, the picture of the README, too.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder="$(realpath -m "$1")"
if [ $# -gt 1 ]; then
    binary="$(realpath "$2")"
else
    cargo build --release --locked --bin restock
    binary="$(realpath "${CARGO_TARGET_DIR:-target}/release/restock")"
fi
# Named from config/, so that the page, which tells its configuration's hash, is the same
# everywhere.
runs=target/page-runs
rm -rf "$runs"
trap 'rm -rf "$runs"' EXIT

for night in 2026-06-28 2026-06-29; do
    "$binary" run --quiet --config config/restock.toml --set outputs.dir="../$runs" \
        --as-of "$night"
done
tests/page/with_browser.sh node tests/page/screenshots.mjs \
    "$runs/2026-06-29/report.html" "$folder" docs/page.png
