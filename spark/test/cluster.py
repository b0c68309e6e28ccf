"""What cluster-test.sh runs on a standalone master with two workers: training and encoding while processes of the cluster are killed, and a driver that is.

`cluster.py run MASTER FOLDER` does everything, and starts drivers by `cluster.py train|encode MASTER FOLDER`, which say on stdout how far they are.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "spark" / "src"))

ROWS, DIM, FILES = 60_000, 64, 12
TRAINING = {"stages": 3, "codewords": [64, 64, 48], "iterations": 3, "beam": 2, "seed": 3}


def session(master):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("residual-vq cluster test")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": "1g",
        "spark.log.level": "OFF",
        "spark.sql.files.maxPartitionBytes": "1m",  # some tasks a file, so that there is time to kill one
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def make_rows(folder):
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(11)
    centers = random.normal(size=(40, DIM)) * 3
    rows = (centers[random.integers(0, 40, ROWS)] + random.normal(size=(ROWS, DIM))).astype(np.float32)
    (folder / "rows").mkdir()
    size = ROWS // FILES
    for part in range(FILES):
        values = pa.FixedSizeListArray.from_arrays(pa.array(rows[part * size : (part + 1) * size].reshape(-1)), DIM).cast(pa.list_(pa.float32()))
        ids = pa.array(range(part * size, (part + 1) * size), pa.int64())
        pq.write_table(pa.table({"id": ids, "v": values}), folder / "rows" / f"part-{part:03}.parquet")
    np.save(folder / "rows.npy", rows)


def driver_train(master, folder):
    """Trains; says each iteration, and last the codebook's id."""
    import residual_vq_spark as rvq_spark

    df = session(master).read.parquet(str(folder / "rows"))
    kept = str(folder / "kept.safetensors") if "RVQ_KEEP" in os.environ else None
    print("ready", flush=True)
    book = rvq_spark.train(df, "v", **TRAINING, checkpoint=kept, on_progress=lambda done: print(json.dumps(done), flush=True))
    book.save(folder / "book.safetensors")
    print("id", book.id, flush=True)


def driver_encode(master, folder):
    """Encodes to folder/codes, with a pause in each task, so that it can be met at work."""
    import residual_vq_spark as rvq_spark

    df = session(master).read.parquet(str(folder / "rows")).repartition(16)

    def slowly(batches):
        import time

        for batch in batches:
            time.sleep(0.5)
            yield batch

    book = rvq_spark.Codebook.load(folder / "book.safetensors")
    made = rvq_spark.encode(df.mapInArrow(slowly, df.schema), "v", book, beam=4)
    print("ready", flush=True)
    made.write.mode("overwrite").parquet(str(folder / "codes"))
    print("done", flush=True)


class Driver:
    """A driver in a process of its own."""

    def __init__(self, what, master, folder, **environment):
        command = [sys.executable, __file__, what, master, str(folder)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **environment}, start_new_session=True
        )

    def until(self, pattern):
        """Reads on to a line that has `pattern`, and gives it; None where there is none to the end."""
        return next((line for line in self.process.stdout if re.search(pattern, line)), None)

    def end(self):
        assert self.process.wait(timeout=300) == 0, "the driver failed"


def processes(text, parent=None):
    """Numbers of the processes whose command line has `text`, of those below `parent` alone where it is given."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            above = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if text in line and (parent is None or above in parent):
            found.append(int(entry.name))
    return found


def executors(worker):
    """Executors of a Worker."""
    return processes("CoarseGrainedExecutorBackend", [worker])


def python_workers(executor):
    """Processes that run our functions: children of the daemon of an executor."""
    return processes("pyspark.daemon", processes("pyspark.daemon", [executor]))


def kill_when_there(find, what):
    """kill -9 of the first process that `find` finds, within a minute."""
    for _ in range(600):
        found = find()
        if found:
            os.kill(found[0], signal.SIGKILL)
            print(f"  kill -9 {found[0]}: {what}", flush=True)
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no {what} within a minute")


def kill_python_worker(workers):
    kill_when_there(lambda: [p for w in workers.values() for e in executors(w) for p in python_workers(e)], "a Python worker at work")


def kill_worker(workers, start):
    """kill -9 of a Worker and of its executor; another Worker is started in its place."""
    name, worker = next((name, worker) for name, worker in workers.items() if executors(worker))
    own = executors(worker)
    os.kill(worker, signal.SIGKILL)
    for executor in own:
        os.kill(executor, signal.SIGKILL)
    print(f"  kill -9 {worker} {' '.join(map(str, own))}: a Worker and its executor", flush=True)
    workers[name] = start(name)


def check_codes(folder, codes):
    import numpy as np
    import pyarrow.parquet as pq

    written = pq.read_table(folder / "codes").sort_by("id")
    assert written["id"].to_pylist() == list(range(ROWS)), "a row is missing, or there more than once"
    assert (np.array(written["codes"].to_pylist()) == codes).all(), "codes differ from those of the command"


def run(master, folder, start):
    """`start(name)` starts a Worker, and gives the number of its process."""
    import numpy as np

    make_rows(folder)
    workers = {name: start(name) for name in ("one", "two")}

    print("training, undisturbed", flush=True)
    calm = Driver("train", master, folder)
    expected = calm.until("^id").split()[1]
    calm.end()

    print("training, while a Python worker, then a Worker and its executor are killed", flush=True)
    driver = Driver("train", master, folder)
    driver.until('"stage": 0.*"iteration": 2')
    kill_python_worker(workers)
    driver.until('"stage": 1.*"iteration": 1')
    kill_worker(workers, start)
    assert driver.until("^id").split()[1] == expected, "the codebook is another one"
    driver.end()

    print("training, whose driver is killed, and goes on from its checkpoint", flush=True)
    driver = Driver("train", master, folder, RVQ_KEEP="1")
    driver.until('"stage": 1.*"iteration": 2')
    os.killpg(driver.process.pid, signal.SIGKILL)
    driver.process.wait()
    print(f"  kill -9 {driver.process.pid}: the driver", flush=True)
    driver = Driver("train", master, folder, RVQ_KEEP="1")
    first = json.loads(driver.until("stage"))
    assert (first["stage"], first["iteration"]) == (1, 3), f"it began anew, with {first}"
    assert driver.until("^id").split()[1] == expected, "the codebook is another one"
    driver.end()

    command = ["node", str(ROOT / "dist" / "cli.cjs"), "encode", str(folder / "book.safetensors"), str(folder / "rows.npy"), "--beam", "4"]
    subprocess.run([*command, "-o", str(folder / "codes.npy")], check=True, stderr=subprocess.DEVNULL)
    codes = np.load(folder / "codes.npy")
    for what, kill in (("a Python worker", kill_python_worker), ("a Worker and its executor", lambda w: kill_worker(w, start))):
        print(f"encoding, while {what} is killed", flush=True)
        driver = Driver("encode", master, folder)
        driver.until("ready")
        kill_when_at_work(workers)
        kill(workers)
        assert driver.until("done"), "the driver failed"
        driver.end()
        check_codes(folder, codes)
    print(f"the codebook {expected} every time, and every one of {ROWS:,} rows once with the codes of the command", flush=True)


def kill_when_at_work(workers):
    """Waits until Python workers are at work."""
    for _ in range(600):
        if any(python_workers(e) for w in workers.values() for e in executors(w)):
            time.sleep(1)
            return
        time.sleep(0.1)
    raise AssertionError("no Python worker within a minute")


def main():
    what, master, folder, *command = sys.argv[1:]
    if what == "run":

        def start(name):
            """A Worker of the command that cluster-test.sh gives."""
            log = open(Path(folder) / f"worker-{name}.log", "a")
            return subprocess.Popen([*command, "--work-dir", f"{folder}/work-{name}", master], stdout=log, stderr=log).pid

        run(master, Path(folder), start)
    else:
        {"train": driver_train, "encode": driver_encode}[what](master, Path(folder))


if __name__ == "__main__":
    main()
