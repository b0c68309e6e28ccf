#!/usr/bin/env bash
# A standalone master and two workers on the loopback alone, of which processes are killed (kill -9) in training and in encoding, and a driver that is killed
# and goes on from its checkpoint. Takes about five minutes. PYTHON names the Python of an environment with spark/requirements.txt; default: that of spark/ci.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-$PWD/spark/.venv/bin/python}
[ -x "$python" ] || { echo "expected $python: bash spark/ci.sh --install makes it, or name another by PYTHON" >&2; exit 2; }
[ -f dist/cli.cjs ] || { echo 'expected dist/cli.cjs: npm run build makes it' >&2; exit 2; }

folder=$(mktemp -d)
SPARK_HOME=$("$python" -c 'import pyspark, pathlib; print(pathlib.Path(pyspark.__file__).parent)')
export SPARK_HOME PYSPARK_PYTHON=$python SPARK_LOCAL_IP=127.0.0.1 SPARK_PUBLIC_DNS=127.0.0.1
export SPARK_WORKER_OPTS='-Dspark.worker.ui.retainedExecutors=10'
unset PYTHONPATH

master_pid=
cleanup() {
  [ -z "$master_pid" ] || kill "$master_pid" 2>/dev/null || true
  # workers, executors and drivers of this run alone: all of them name its folder, or are children of those that do
  for process in /proc/[0-9]*; do
    if tr '\0' ' ' 2>/dev/null <"$process/cmdline" | grep -q -- "$folder"; then
      for child in $(cat "$process"/task/*/children 2>/dev/null); do kill -9 "$child" 2>/dev/null || true; done
      kill -9 "${process#/proc/}" 2>/dev/null || true
    fi
  done
  [ "${KEEP:-}" = 1 ] || rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export SPARK_DAEMON_MEMORY=512m SPARK_DAEMON_JAVA_OPTS='-Dspark.master.rest.enabled=false -Dspark.master.ui.enabled=false'
"$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0 >"$folder/master.log" 2>&1 &
master_pid=$!
for _ in $(seq 60); do
  grep -q 'Starting Spark master' "$folder/master.log" && break
  sleep 0.5
done

worker=("$SPARK_HOME/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --cores 1 --memory 1g --webui-port 0)
"$python" spark/test/cluster.py run "spark://127.0.0.1:$port" "$folder" "${worker[@]}" || { tail -n 5 "$folder"/*.log >&2; exit 1; }
