#!/usr/bin/env bash
# The tests of spark/ on a Spark of two threads: makes spark/.venv of spark/requirements.txt, and installs a JRE from Debian where there is no `java` (as root).
# Needs Python, Node, and the built package (npm run build). `--install` stops before the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v java >/dev/null; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null
fi

if ! cmp -s spark/requirements.txt spark/.venv/requirements.txt; then
  rm -rf spark/.venv
  python3 -m venv spark/.venv
  spark/.venv/bin/pip install --quiet --disable-pip-version-check setuptools==80.9.0 wheel==0.48.0 # pyspark comes as a source distribution
  spark/.venv/bin/pip install --quiet --disable-pip-version-check --no-build-isolation -r spark/requirements.txt
  cp spark/requirements.txt spark/.venv/
fi
[ "${1:-}" != --install ] || exit 0

[ -f dist/cli.cjs ] || npm run -s build
spark/.venv/bin/python -m pytest spark/test -c spark/pyproject.toml
