#!/usr/bin/env bash
# Fuzzes every target for some seconds each (600 unless told otherwise), or those that are named:
#
#     fuzz/run.sh [SECONDS [TARGET…]]
#
# restock alone is compiled for coverage, by the stable compiler, in a folder of its own. Inputs that
# reach something new are kept below the target folder, and are where the next run begins; what breaks is kept beside
# them, and the script says so and ends with code 1.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-600}"
shift || true
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=(csv ndjson xlsx numbers dates config)
target_dir="${CARGO_TARGET_DIR:-$PWD/../target}/fuzz"
mkdir -p "$target_dir"

# The profile of ../Cargo.toml, without symbols: fuzzing needs none.
wrapper="$target_dir/rustc.sh"
cat > "$wrapper" <<'WRAPPER'
#!/bin/sh
rustc="$1"
shift
case "${CARGO_PKG_NAME:-}" in
    restock | restock-fuzz)
        exec "$rustc" "$@" --cfg fuzzing -C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4 \
            -C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table \
            -C llvm-args=-sanitizer-coverage-trace-compares
        ;;
    *) exec "$rustc" "$@" ;;
esac
WRAPPER
chmod +x "$wrapper"
[ -f Cargo.lock ] || cp ../Cargo.lock .
CARGO_TARGET_DIR="$target_dir" RUSTC_WRAPPER="$wrapper" cargo build --release

failed=0
for name in "${targets[@]}"; do
    found="$target_dir/corpus/$name"
    mkdir -p "$found" "$target_dir/broken/$name"
    seeds=()
    [ -d "corpus/$name" ] && seeds=("corpus/$name")
    echo "== $name for $seconds s"
    "$target_dir/release/$name" -max_total_time="$seconds" -print_final_stats=1 \
        -artifact_prefix="$target_dir/broken/$name/" "$found" "${seeds[@]}" > "$target_dir/$name.log" 2>&1 || failed=1
    grep -E "^Done|SUMMARY|panicked" "$target_dir/$name.log" || true
done
exit "$failed"
