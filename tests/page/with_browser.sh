#!/usr/bin/env bash
# Runs a command that drives a browser: tests/page/with_browser.sh COMMAND [ARGUMENTS].
#
# It finds, or else installs, what the command needs, and hands it over by two variables:
# PAGE_BROWSER is the program of a Chromium, PAGE_MODULES the folder of the packages of
# package.json. Where these cannot be had, it says so and ends with code 77: skipped, not failed.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
# Seconds that all installing may take before it counts as not to be had.
patience="${PAGE_INSTALL_SECONDS:-115}"

skip() {
    echo "page: skipped: $*" >&2
    exit 77
}

# A program that hangs is worth no more than one that is not there.
limited() {
    local left=$((patience - SECONDS))
    [ "$left" -gt 0 ] && timeout --kill-after=5 "$left" "$@" >&2
}

browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return
    done
    return 1
}

install_browser() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || skip "no Chromium here, and only root may install one"
        as_root=(sudo -n)
    fi
    command -v apt-get >/dev/null || skip "no Chromium here, and no apt-get to install one with"
    echo "page: installing chromium" >&2
    # Fonts are named, because without recommended packages there might be none.
    if ! { limited "${as_root[@]}" apt-get update --quiet=2 &&
        limited "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes \
            --quiet=2 --no-install-recommends chromium fonts-liberation; }; then
        skip "no Chromium here, and apt-get could not install one"
    fi
}

command -v node >/dev/null && command -v npm >/dev/null || skip "no Node.js with npm here"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || skip "Node.js is older than 20"

if [ -z "${PAGE_BROWSER:-}" ]; then
    browser >/dev/null || install_browser
    PAGE_BROWSER="$(browser)" || skip "no Chromium here after its installation"
fi
export PAGE_BROWSER

# Outside the checkout: tests of the source read every file below tests/.
export PAGE_MODULES="${PAGE_MODULES:-${XDG_CACHE_HOME:-$HOME/.cache}/restock/page}"
if ! cmp -s "$here/package-lock.json" "$PAGE_MODULES/installed-lock.json"; then
    mkdir -p "$PAGE_MODULES"
    cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$PAGE_MODULES"
    limited npm ci --prefix "$PAGE_MODULES" --ignore-scripts \
        || skip "npm could not fetch playwright-core and axe-core"
    cp "$here/package-lock.json" "$PAGE_MODULES/installed-lock.json"
fi

exec "$@"
