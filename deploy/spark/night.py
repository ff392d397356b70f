"""One night of restock over a Spark cluster.

    spark-submit --master spark://HOST:7077 --files /usr/local/bin/restock \\
        deploy/spark/night.py --config /shop/restock.toml --as-of 2026-06-29 \\
        --shards 16 --shared /shop/nights

The driver runs `restock fit`, which reads the inputs once, every shard is a task that runs
`restock run --shard`, and the driver runs `restock merge`. The driver and all workers see the
configuration and the shared folder under the same paths. A task that fails is tried again as
Spark is set (`spark.task.maxFailures`); a shard works with `spark.task.cpus` threads.

Every try of a shard writes a folder of its own, and only the folders that Spark reports are
merged: a try that was given up, or that still runs on a worker which is lost, cannot disturb.
The exit codes are those of restock, and 70 where a shard failed too often.
"""

import argparse
import datetime
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

from pyspark import SparkFiles, TaskContext
from pyspark.sql import SparkSession


def main():
    args = arguments()
    spark = SparkSession.builder.appName(f"restock {args.as_of}").getOrCreate()
    try:
        code = night(spark.sparkContext, args)
    except Failed as problem:
        print(f"night.py: {problem}", file=sys.stderr)
        code = problem.code
    except Exception:
        # What Spark says of the task that failed last has what restock said.
        traceback.print_exc()
        code = 70
    spark.stop()
    sys.exit(code)


def arguments():
    parser = argparse.ArgumentParser(description="One night of restock over a Spark cluster.")
    parser.add_argument("--config", required=True, type=Path, help="the shop's restock.toml")
    parser.add_argument("--as-of", required=True, type=datetime.date.fromisoformat,
                        metavar="DATE", help="the day that the night stands at")
    parser.add_argument("--shards", required=True, type=int, metavar="N", help="number of tasks")
    parser.add_argument("--shared", required=True, type=Path, metavar="DIR",
                        help="a folder that all machines see")
    parser.add_argument("--binary", type=Path, metavar="PATH",
                        help="the program, shipped as by --files; without it, the file `restock`")
    parser.add_argument("--keep", action="store_true", help="keep what the merge has read")
    args = parser.parse_args()
    if args.shards < 1:
        parser.error("--shards must be at least 1")
    return args


def night(context, args):
    """Fits, runs the shards, merges. Returns the exit code of the merge: 0 or 1."""
    if args.binary:
        context.addFile(str(args.binary.resolve()))
    program = args.binary.name if args.binary else "restock"
    # A folder that no other application has, so that a night can be started again at any time.
    folder = args.shared.resolve() / f"{args.as_of}-{context.applicationId}"
    fitted, parts = folder / "fitted", folder / "parts"
    parts.mkdir(parents=True)

    config = ["--config", str(args.config.resolve()), "--quiet"]
    restock(program, "fit", *config, "--as-of", str(args.as_of), "--output", str(fitted))

    threads = context.getConf().get("spark.task.cpus", "1")
    shards = args.shards

    def run(index):
        part = parts / f"{index}-try-{TaskContext.get().taskAttemptId()}"
        restock(program, "run", *config, "--threads", threads, "--shard", f"{index}/{shards}",
                "--fitted", str(fitted), "--output", str(part))
        return str(part)

    done = context.parallelize(range(shards), shards).map(run).collect()
    code = restock(program, "merge", *config, "--fitted", str(fitted), *done)
    if not args.keep:
        shutil.rmtree(folder)
    return code


class Failed(Exception):
    """A command of restock that did not end well: its exit code, and what it said."""

    def __init__(self, code, message):
        super().__init__(code, message)
        self.code = code

    def __str__(self):
        return self.args[1]


def restock(program, command, *rest):
    """Runs a command of the shipped program. Only a merge may end with 1: done, but look."""
    ended = subprocess.run([SparkFiles.get(program), command, *rest], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           encoding="utf-8", errors="replace")
    code = ended.returncode
    if code == 0 or (code == 1 and command == "merge"):
        return code
    how = f"exit code {code}" if code > 0 else f"signal {-code}"
    last = "\n".join(ended.stderr.splitlines()[-20:])
    raise Failed(code if code > 1 else 70, f"restock {command} ended with {how}\n{last}")


if __name__ == "__main__":
    main()
