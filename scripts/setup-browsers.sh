#!/usr/bin/env bash
# Prepares a Debian machine, as root, for `npm run test:everywhere` and `npm run test:playground`: Chromium and Firefox from Debian's packages. Elsewhere
# RVQ_CHROMIUM and RVQ_FIREFOX name the programs. What is there already is left as it is.
set -euo pipefail

wanted=()
[ -n "${RVQ_CHROMIUM:-}" ] || command -v chromium >/dev/null || wanted+=(chromium)
[ -n "${RVQ_FIREFOX:-}" ] || command -v firefox-esr >/dev/null || wanted+=(firefox-esr)
[ ${#wanted[@]} -gt 0 ] || exit 0

echo "[setup-browsers] installing ${wanted[*]}"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
