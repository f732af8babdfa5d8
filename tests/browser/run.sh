#!/bin/sh
# GStreamer WebRTC with WebSocket control
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Gets Chromium and the npm packages, pinned by package-lock.json, and runs the
# tests with them. Where they cannot be had the tests are skipped, unless
# WSCTL_TEST_BROWSER=require says that this is a failure.
#
#   run.sh SERVER RELAY POOL-PEER OUTPUT-FOLDER [PART-OF-A-NAME]
set -eu

folder=$(dirname "$(readlink -f "$0")")

give_up ()
{
  if [ "${WSCTL_TEST_BROWSER:-}" = require ]; then
    echo "Bail out! $1"
    exit 1
  fi
  echo "1..0 # SKIP $1"
  exit 0
}

install_chromium ()
{
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null \
    && apt-get update -q >&2 \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qy \
      --no-install-recommends chromium >&2
}

# npm writes that copy of the lock file last.
has_packages ()
{
  [ ! "$folder/package-lock.json" -nt \
    "$folder/node_modules/.package-lock.json" ] \
    && [ -e "$folder/node_modules/.package-lock.json" ]
}

command -v node > /dev/null || give_up "Node.js is not installed"
CHROMIUM=${CHROMIUM:-$(command -v chromium || echo /usr/bin/chromium)}
export CHROMIUM
[ -x "$CHROMIUM" ] || install_chromium \
  || give_up "Chromium is not installed"
has_packages || (cd "$folder" && npm ci --ignore-scripts --silent >&2) \
  || give_up "the npm packages cannot be installed"

exec node "$folder/run.mjs" "$@"
