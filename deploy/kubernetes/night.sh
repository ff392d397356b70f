#!/bin/sh
# Runs the Jobs of night.yaml one after the other and waits for each: a night over the cluster.
#
#     night.sh DAY SHARDS [flags of kubectl, such as --namespace shop]
#
# Whatever starts jobs in the night can call it (cron, CI, a CronJob with a service account that
# may create, delete and read Jobs and read logs). A night can be run again at any time. Ends with
# 1 where a Job fails.
set -eu
day=$1
shards=$2
shift 2
file="$(dirname "$0")/night.yaml"

# The Jobs of this day, with so many shards.
jobs() {
    awk -v day="$day" -v shards="$shards" '
        { gsub("2026-06-29", day) }
        /^  completions: / { $0 = "  completions: " shards }
        /--shard=/ { sub("/[0-9]+$", "/" shards) }
        /\/parts\/[0-9]+$/ {
            if ($0 !~ /\/parts\/0$/) next
            sub("0$", "")
            for (i = 0; i < shards; i++) print $0 i
            next
        }
        { print }' "$file"
}

for step in fit shards merge; do
    job="restock-$step-$day"
    # A Job cannot be changed: one of an earlier try makes room.
    kubectl "$@" delete job "$job" --ignore-not-found --cascade=foreground
    jobs | kubectl "$@" apply --selector "step=$step" --filename -
    unanswered=0
    while true; do
        # A server that does not answer for some minutes is no failure of the Job.
        if ended=$(kubectl "$@" get job "$job" \
            --output 'jsonpath={.status.conditions[?(@.status=="True")].type}'); then
            unanswered=0
        else
            unanswered=$((unanswered + 1))
            [ "$unanswered" -lt 60 ]
        fi
        case " $ended " in
        *" Complete "*) break ;;
        *" Failed "*)
            echo "night.sh: $job failed" >&2
            kubectl "$@" logs "job/$job" --tail 20 >&2 || true
            exit 1
            ;;
        esac
        sleep "${POLL_S:-5}"
    done
done
