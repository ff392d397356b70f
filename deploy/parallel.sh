#!/bin/sh
# One night on one machine in processes, or with --sshlogin on several that share a folder.
#
#     deploy/parallel.sh restock.toml 2026-06-29 8 nights/2026-06-29
#
# Without GNU parallel: seq … | xargs -P 2 -I {} restock run … --shard {}/8 ….
set -eu
config=$1 day=$2 shards=$3 folder=$4
# Another number of shards is another folder: the merge takes all that it finds.
parts="$folder/parts-of-$shards"
restock fit --config "$config" --as-of "$day" --output "$folder/fitted"
seq 0 "$((shards - 1))" | parallel --halt soon,fail=1 --retries 3 --jobs "${JOBS:-2}" \
    restock run --config "$config" --shard "{}/$shards" --threads 1 \
    --fitted "$folder/fitted" --output "$parts/{}"
restock merge --config "$config" --fitted "$folder/fitted" "$parts"/*
