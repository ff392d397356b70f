#!/bin/sh
# Counts the instructions of each hot loop by valgrind, and prints them as a table. A count hardly
# moves with what else the machine does, as a time does.
#
#     benches/instructions.sh
set -eu
cd "$(dirname "$0")/.."
command -v valgrind > /dev/null || { echo "valgrind is needed" >&2; exit 77; }

# The counter finds two functions by their names, so that this one program keeps its names.
built=$(cargo rustc --release --locked --bench hot_loops --message-format=json -- -C strip=none)
program=$(echo "$built" | sed -n 's/.*"executable":"\([^"]*hot_loops[^"]*\)".*/\1/p')

dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
# The first run learns, outside of the counter. One thread each: others would wait by spinning.
export RAYON_NUM_THREADS=1 POLARS_MAX_THREADS=1
"$program" --count "$dir" > "$dir/loops"
valgrind --quiet --tool=callgrind --dump-before='*counted_*_here*' \
    --callgrind-out-file="$dir/count" "$program" --count "$dir" > "$dir/loops"

# Of the dumps one lies before each loop and one at its end: every second holds what a loop took.
echo "| loop | instructions | of one |"
echo "|---|--:|---|"
number=0
while IFS="$(printf '\t')" read -r name times unit; do
    number=$((number + 2))
    total=$(sed -n 's/^totals: *//p' "$dir/count.$number")
    echo "| $name | $((total / times)) | $unit |"
done < "$dir/loops"
