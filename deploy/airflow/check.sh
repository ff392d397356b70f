#!/usr/bin/env bash
# Runs the DAG on the sample in an Airflow of its own, without a scheduler: a shard that is killed
# is tried again, and the run is that of one process, byte for byte.
#
#     deploy/airflow/check.sh [path of the binary]
#
# Installs Airflow into a folder of its own. Ends with 77 and a sentence where it cannot be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

skip() {
    echo "skipped: $*"
    exit 77
}

binary=${1:-${CARGO_TARGET_DIR:-$HOME/.cache/restock/target}/release/restock}
[ -x "$binary" ] || skip "there is no $binary: cargo build --release"
binary=$(realpath "$binary")
venv="${XDG_CACHE_HOME:-$HOME/.cache}/restock/airflow-check"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv" || skip "there is no python3 with venv"
"$venv/bin/python" -c "import airflow" 2>/dev/null ||
    "$venv/bin/pip" install --quiet --disable-pip-version-check "apache-airflow==3.1.8" ||
    skip "Airflow cannot be installed"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/shop" "$work/dags"
cd "$work/shop"
cp -R "$root/config" "$root/data" .
cp "$root/deploy/airflow/restock_night.py" "$work/dags"

# Kills the first try of shard 1 as soon as it has started.
cat >restock <<END
#!/bin/sh
case "\$*" in
*"--shard 1/"*)
    if mkdir "$work/killed" 2>/dev/null; then
        "$binary" "\$@" &
        kill -9 \$! \$\$
    fi
    ;;
esac
exec "$binary" "\$@"
END
chmod +x restock

export AIRFLOW_HOME="$work/airflow" AIRFLOW__CORE__DAGS_FOLDER="$work/dags" CHECK_SHOP="$work/shop"
export AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
# The default asks a name server, which takes long where there is none.
export AIRFLOW__CORE__HOSTNAME_CALLABLE=socket.gethostname
"$venv/bin/airflow" db migrate >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
"$venv/bin/python" "$root/deploy/airflow/check.py" >"$work/log" 2>&1 || {
    tail -n 40 "$work/log"
    exit 1
}
grep "^ok: " "$work/log"

as_of=2026-06-29
mv runs/$as_of made
rm -r runs
"$binary" run --config config/restock.toml --as-of $as_of --quiet >/dev/null
if ! diff -r --exclude timings.json runs/$as_of made >"$work/difference"; then
    echo "FAILED: the run of the DAG is not that of one process"
    head -c 2000 "$work/difference"
    exit 1
fi
echo "ok: the bytes of one process"
echo "all passed"
