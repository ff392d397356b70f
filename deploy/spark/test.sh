#!/usr/bin/env bash
# Nights of the sample over a Spark cluster on this machine: a master and two workers on loopback.
# In one a shard is killed, in another a worker; the run is that of one process, byte for byte.
#
#     deploy/spark/test.sh [path of the binary]
#
# Installs pyspark into a folder of its own. Ends with 77 and a sentence where it cannot be had.
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
command -v java >/dev/null || skip "there is no java; Spark 4 needs 17 or later"
venv="${XDG_CACHE_HOME:-$HOME/.cache}/restock/spark-test"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv" || skip "there is no venv"
"$venv/bin/python" -c "import pyspark" 2>/dev/null ||
    "$venv/bin/pip" install --quiet --disable-pip-version-check "pyspark==4.0.5" ||
    skip "pyspark cannot be installed"

work=$(mktemp -d)
pids=()
finish() {
    [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    [ -n "${SPARK_TEST_KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap finish EXIT

export SPARK_HOME SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON="$venv/bin/python"
SPARK_HOME=$("$venv/bin/python" -c "import pyspark; print(*pyspark.__path__)")
shards=4

# Waits for a line in a file, and says what the file has instead.
await() {
    for _ in $(seq 600); do
        grep -q -e "$1" "$2" 2>/dev/null && return
        sleep 0.1
    done
    echo "FAILED: no \"$1\" in $2"
    tail -n 20 "$2"
    exit 1
}

"$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master \
    --host 127.0.0.1 --port 0 --webui-port 0 >"$work/master.log" 2>&1 &
pids+=($!)
await "Starting Spark master at" "$work/master.log"
master=$(sed -n 's/.*Starting Spark master at \(spark:[^ ]*\).*/\1/p' "$work/master.log")
for name in one two; do
    "$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 \
        --webui-port 0 --cores 1 --memory 1g --work-dir "$work/$name" "$master" \
        >"$work/$name.log" 2>&1 &
    pids+=($!)
    await "Successfully registered with master" "$work/$name.log"
done
second_worker=${pids[2]}

mkdir "$work/shop"
cd "$work/shop"
cp -R "$root/config" "$root/data" .
as_of=2026-06-29

# night LOG [flags]: a night over the cluster, into an empty folder of runs.
night() {
    local log=$1
    shift
    rm -rf runs
    "$SPARK_HOME/bin/spark-submit" --master "$master" --driver-memory 512m \
        --executor-memory 512m --conf spark.ui.enabled=false \
        "$root/deploy/spark/night.py" --config config/restock.toml --as-of "$as_of" \
        --shards "$shards" --shared nights --binary "$binary" "$@" >"$log" 2>&1
}

# The process of a shard, once there is one.
shard_process() {
    local found
    for _ in $(seq 20000); do
        if found=$(pgrep -o -f -- "$work/shop/.*--shard $1/$shards .*-try-"); then
            echo "$found"
            return
        fi
        sleep 0.005
    done
    return 1
}

# same WHAT: the run is that of one process.
same() {
    if ! diff -r --exclude timings.json "expected/$as_of" "runs/$as_of" >difference.txt; then
        echo "FAILED: $1: the run is not that of one process"
        head -c 2000 difference.txt
        exit 1
    fi
    echo "ok: $1: the bytes of one process, $((SECONDS - began)) s"
}

failed() {
    echo "FAILED: $1"
    grep -v -e " INFO " "$2" | tail -n 40
    exit 1
}

"$binary" run --config config/restock.toml --as-of "$as_of" --quiet >/dev/null
mv runs expected

began=$SECONDS
night plain.log || failed "a night without trouble" plain.log
same "a night without trouble"
[ -z "$(ls -A nights)" ] || failed "the night leaves $(ls nights)" plain.log

began=$SECONDS
night killed.log &
spark=$!
victim=$(shard_process 1) || failed "shard 1 never ran" killed.log
kill -9 "$victim"
wait "$spark" || failed "a shard is killed" killed.log
grep -q "ended with signal 9" killed.log || failed "nobody noticed the kill" killed.log
same "a shard is killed"

began=$SECONDS
night lost.log &
spark=$!
shard_process 2 >/dev/null || failed "shard 2 never ran" lost.log
kill -9 "$second_worker"
wait "$spark" || failed "a worker is killed" lost.log
grep -q "Lost executor" lost.log || failed "nobody noticed that a worker was lost" lost.log
same "a worker is killed"

code=0
night broken.log --config missing.toml || code=$?
[ "$code" -eq 2 ] || failed "a configuration that is missing: exit code $code" broken.log
echo "ok: a configuration that is missing: exit code 2"

echo "all passed"
