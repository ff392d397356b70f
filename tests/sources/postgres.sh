#!/usr/bin/env bash
# The sample's tables out of a real PostgreSQL, by `command`: the plan is that of the files, byte
# for byte, and a client that fails, hangs, floods or prints nonsense stops the night with exit
# code 3 and leaves nothing behind.
#
#     tests/sources/postgres.sh [--install] [path of the binary]
#
# Ends with 77 and a sentence where PostgreSQL cannot be had. `--install` may install Debian's as
# root.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

skip() {
    echo "skipped: $*"
    exit 77
}

if [ "${1:-}" = --install ]; then
    shift
    if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        [ "$(id -u)" -eq 0 ] || skip "only root may install PostgreSQL"
        apt-get install -y -q --no-install-recommends postgresql >/dev/null ||
            skip "PostgreSQL cannot be installed"
    fi
fi
binary=${1:-${CARGO_TARGET_DIR:-$HOME/.cache/restock/target}/release/restock}
[ -x "$binary" ] || skip "there is no $binary: cargo build --release"
binary=$(realpath "$binary")
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || true
[ -n "$programs" ] && [ -x "$programs/initdb" ] ||
    skip "there is no PostgreSQL under /usr/lib/postgresql"
command -v psql >/dev/null || PATH="$PATH:$programs"

work=$(mktemp -d)
# PostgreSQL does not run as root.
server() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$work/db" "$@"
    else
        "$@"
    fi
}
finish() {
    server "$programs/pg_ctl" -D "$work/db/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT

chmod 755 "$work"
mkdir "$work/db" "$work/shop" "$work/temp"
[ "$(id -u)" -ne 0 ] || chown nobody:nogroup "$work/db"
cd "$work/db"
server "$programs/initdb" -D "$work/db/data" -U restock -A trust -E UTF8 --locale=C --no-sync \
    >/dev/null
server "$programs/pg_ctl" -D "$work/db/data" -w -l "$work/db/log" \
    -o "-c listen_addresses='' -c unix_socket_directories=$work/db -c fsync=off" start >/dev/null
# Who may connect stands in the environment, as a password would.
export PGHOST=$work/db PGUSER=restock PGDATABASE=postgres TMPDIR=$work/temp

cd "$work/shop"
# A database takes no rows that are short or long, nor dates that are none: the sample's dirty lines
# are left out of both.
mkdir data
cp "$root"/data/*.csv data
awk -F, 'NR == 1 { fields = NF }
    NF == fields && !/"/ && (NR == 1 ||
        $3 ~ /^20[0-9][0-9]-[01][0-9]-[0-3][0-9]$/ && $3 !~ /02-3/ && $5 ~ /^-?[0-9]+$/)' \
    "$root/data/orders.csv" >data/orders.csv
for table in orders stock items; do
    header=$(head -n 1 "data/$table.csv")
    columns=$(echo "$header" | sed 's/[^,]*/"&" text/g')
    names=$(echo "$header" | sed 's/[^,]*/"&"/g')
    psql -X -q -v ON_ERROR_STOP=1 -c "create table $table ($columns, at serial)" \
        -c "\\copy $table ($names) from 'data/$table.csv' with (format csv, header, null '')"
done
# Types as a shop has them.
psql -X -q -v ON_ERROR_STOP=1 -c "alter table orders alter date type date using date::date,
    alter quantity type numeric using quantity::numeric"

# The sample's own configuration, read from files and from the database.
sed "s|\"\.\./data/|\"data/|g; s|^page = true|page = false|; s|^templates = .*||" \
    "$root/config/restock.toml" >files.toml
query() {
    local columns
    columns=$(head -n 1 "data/$1.csv" | sed 's/[^,]*/"&"/g')
    local copy="\\copy (select $columns from $1 order by at) to stdout with (format csv, header)"
    echo "command = ['psql', '-X', '-c', '$copy']"
}
cp files.toml database.toml
for table in orders stock items; do
    sed -i "s#^path = \"data/$table.csv\".*#$(query $table | sed 's/[&\\#]/\\&/g')#" database.toml
done
[ "$(grep -c "^command = \['psql'" database.toml)" -eq 3 ] || {
    echo "the configuration was not rewritten"
    exit 1
}

failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}
"$binary" --config files.toml run --set outputs.dir=files --as-of 2026-06-29 >/dev/null 2>err.txt ||
    { cat err.txt; exit 1; }
"$binary" --config database.toml run --set outputs.dir=database --as-of 2026-06-29 \
    >/dev/null 2>err.txt || { cat err.txt; exit 1; }
for file in plan.csv forecast.csv purchase_orders.csv backorder_risk.csv; do
    if cmp files/2026-06-29/$file database/2026-06-29/$file; then
        echo "ok: $file out of PostgreSQL is that of the files, byte for byte"
    else
        fail "$file differs"
    fi
done

# Each of these must end with exit code 3, say why, and leave no run, no spool and no process.
refused() {
    local name=$1 what=$2 orders=$3 began=$SECONDS code=0
    rm -rf refused
    printf '[outputs]\ndir = "refused"\npage = false\n[inputs.orders]\n%s\n' "$orders" >refused.toml
    "$binary" -v --config refused.toml run --as-of 2026-06-29 >/dev/null 2>err.txt || code=$?
    local left
    left=$(ls -A refused | grep -v -e '^\.restock\.lock$' -e '^ledger\.sqlite' || true)
    [ "$code" -eq 3 ] || fail "$name: exit code $code: $(tail -n 3 err.txt)"
    grep -q -e "$what" err.txt || fail "$name: says $(tail -n 3 err.txt)"
    [ -z "$left" ] || fail "$name: leaves $left"
    [ -z "$(ls -A "$TMPDIR")" ] || fail "$name: leaves $(ls -A "$TMPDIR")"
    ! pgrep -f "[r]estock-test-$$" >/dev/null || fail "$name: leaves a process"
    echo "ok: $name: exit code $code after $((SECONDS - began)) s"
}
select='select date, sku, quantity from orders order by at'
copy="\\copy ($select) to stdout with (format csv, header)"
flood="for i in 1..200000 loop raise notice 'row %', i; end loop"
noise="do \$\$ begin $flood; raise 'enough'; end \$\$"
refused "a client that fails midway" "failed with exit status: 1" \
    "command = ['sh', '-c', 'psql -X -c \"$copy\" | head -c 100000; exit 1']"
refused "a division by zero halfway" "division by zero" \
    "command = ['psql', '-X', '-c', '${copy/quantity/quantity / (5000 - at) as quantity}']"
refused "a query that sleeps" "was ended after 2 s" \
    "timeout_s = 2
command = [\"psql\", \"-X\", \"-c\", \"select pg_sleep(60) /* restock-test-$$ */\"]"
refused "a server that is gone" "No such file or directory" \
    "command = [\"psql\", \"-X\", \"-h\", \"$work/nowhere\", \"-c\", \"select 1\"]"
refused "a flood of notices and then an error" "and [0-9]* more lines" \
    "command = [\"psql\", \"-X\", \"-v\", \"ON_ERROR_STOP=1\", \"-c\", \"$noise\"]"
refused "a million columns" "fields; the most is 16384" \
    "command = [\"sh\", \"-c\", \"seq -s, 1000000\"]"
refused "a program that prints zeros for ever" "was ended after 2 s" \
    "timeout_s = 2
command = [\"sh\", \"-c\", \"while head -c 99999 /dev/zero; do sleep 1; done # restock-test-$$\"]"
refused "an empty answer" "is empty" 'command = ["true"]'

# A flood on stderr beside a right answer is no fault.
cat >notices.toml <<EOF
[outputs]
dir = "notices"
page = false
[inputs.orders]
command = ['psql', '-X', '-q', '-c', "do \$\$ begin $flood; end \$\$", '-c', '$copy']
EOF
code=0
"$binary" -v --config notices.toml run --as-of 2026-06-29 >/dev/null 2>err.txt || code=$?
if [ "$code" -eq 0 ] && [ "$(grep -c 'orders: NOTICE' err.txt)" -eq 1000 ]; then
    echo "ok: 200,000 notices beside the rows: a thousand are logged"
else
    fail "notices: exit code $code, $(grep -c NOTICE err.txt) lines: $(tail -n 3 err.txt)"
fi

[ "$failed" -eq 0 ] && echo "all passed"
exit "$failed"
