#!/usr/bin/env bash
# Tests the page in a real browser: tests/page/run.sh [a restock binary].
# Ends with 77, after a sentence, where no browser can be had. PAGE_SHOPS keeps the shops.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -gt 0 ]; then
    binary="$(realpath "$1")"
else
    cargo build --release --locked --bin restock
    binary="$(realpath "${CARGO_TARGET_DIR:-target}/release/restock")"
fi
export PAGE_BINARY="$binary"

made="$(mktemp -d)"
trap 'rm -rf "$made"' EXIT
export PAGE_SHOPS="${PAGE_SHOPS:-$made}"

# Within the six minutes that .ci/run gives: installing takes what its script allows, the tests what
# is left. Two test files run at a time, each with a browser of its own.
SECONDS=0
tests/page/with_browser.sh timeout 100 node tests/page/shops.mjs "$PAGE_SHOPS"
tests/page/with_browser.sh timeout "$((350 - SECONDS))" \
    node --test --test-reporter=spec --test-concurrency=2 tests/page/*.test.mjs
