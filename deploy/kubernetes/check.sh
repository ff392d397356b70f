#!/usr/bin/env bash
# Checks the Jobs by the schema of the Kubernetes API, strictly, and where there is a binary of
# restock runs their very commands here, one by one, through night.sh: the run is that of one
# process. kubectl is played by play.py; no cluster is asked.
#
#     deploy/kubernetes/check.sh [path of the binary]
#
# Installs a Python package into a folder of its own. Ends with 77 where that cannot be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
here=$root/deploy/kubernetes

skip() {
    echo "skipped: $*"
    exit 77
}

venv="${XDG_CACHE_HOME:-$HOME/.cache}/restock/kubernetes-check"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv" || skip "there is no python3 with venv"
"$venv/bin/python" -c "import kubernetes_validate" 2>/dev/null ||
    "$venv/bin/pip" install --quiet --disable-pip-version-check "kubernetes-validate==1.37.0" ||
    skip "kubernetes-validate cannot be installed"

# The first version that has all that is used, and the newest that is known.
for version in 1.33 1.37; do
    "$venv/bin/kubernetes-validate" --strict -k "$version" "$here/night.yaml"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A word that is none must not pass, or all of this says nothing.
sed 's/maxFailedIndexes/maxFailedIndices/' "$here/night.yaml" >"$work/wrong.yaml"
if "$venv/bin/kubernetes-validate" --strict "$work/wrong.yaml" >/dev/null 2>&1; then
    echo "FAILED: a field that Jobs do not have was let through"
    exit 1
fi
echo "ok: the schema of Kubernetes 1.33 and 1.37, strictly"

binary=${1:-${CARGO_TARGET_DIR:-$HOME/.cache/restock/target}/release/restock}
[ -x "$binary" ] || skip "the commands of the Jobs: there is no $binary"
mkdir -p "$work/bin" "$work/shop"
printf '#!/bin/sh\nexec "%s" "%s/play.py" "$@"\n' "$venv/bin/python" "$here" >"$work/bin/kubectl"
chmod +x "$work/bin/kubectl"
export PATH="$work/bin:$PATH" PLAY_SHOP="$work/shop" PLAY_STATE="$work" POLL_S=0
PLAY_BINARY=$(realpath "$binary")
export PLAY_BINARY

# As the Jobs find it: the configuration in the shop's folder.
cp -R "$root/data" "$root/config/notices" "$work/shop"
sed 's|"\.\./|"|' "$root/config/restock.toml" >"$work/shop/restock.toml"
cd "$work/shop"
as_of=2026-06-28
"$binary" run --config restock.toml --as-of "$as_of" --quiet >/dev/null
mv "runs/$as_of" expected
rm -r runs
"$here/night.sh" "$as_of" 3 >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
if ! diff -r --exclude timings.json expected "runs/$as_of" >"$work/difference"; then
    echo "FAILED: the run of the Jobs is not that of one process"
    head -c 2000 "$work/difference"
    exit 1
fi
grep -q "restock-shards-$as_of: index 1, try 2: exit code 0" "$work/log" || {
    echo "FAILED: nothing was killed and tried again"
    cat "$work/log"
    exit 1
}
echo "ok: the commands of the Jobs, one pod killed: the bytes of one process"

rm restock.toml
if "$here/night.sh" "$as_of" 3 >"$work/log" 2>&1; then
    echo "FAILED: without a configuration the night is said to be done"
    exit 1
fi
if [ "$(grep -c "try" "$work/log")" -ne 1 ]; then
    echo "FAILED: exit code 2 is tried again"
    cat "$work/log"
    exit 1
fi
echo "ok: exit code 2 fails the night at once"
echo "all passed"
