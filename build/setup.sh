#!/bin/sh
# Installs exactly what the lock file says, once: a second call costs nothing. From here on `node` is the pinned one.
set -eu
cd "$(dirname "$0")/.."
[ node_modules/.package-lock.json -nt package-lock.json ] && exit 0
npm ci --no-audit --no-fund --loglevel=error
touch node_modules/.package-lock.json
