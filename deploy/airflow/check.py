"""Runs the DAG by `dag.test()`, twice: with a shard that is killed, which is tried again, and with
a configuration that is missing, which nothing is tried again for. check.sh calls it."""

import os
import sys
from pathlib import Path

from airflow.models import DagBag


def main():
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], include_examples=False)
    if bag.import_errors:
        sys.exit(f"FAILED: the DAG does not load: {bag.import_errors}")
    dag = bag.get_dag("restock_night")
    if dag.catchup or dag.max_active_runs != 1:
        sys.exit("FAILED: nights are made up for, or overlap")

    shop = Path(os.environ["CHECK_SHOP"])
    conf = {
        "config": str(shop / "config/restock.toml"),
        "folder": str(shop / "nights"),
        "binary": str(shop / "restock"),
        "shards": 3,
        "as_of": "2026-06-29",
    }
    state, tries = tested(dag, conf)
    ones = ["fit", "indices", "shard 0", "shard 2", "merge"]
    expected = {name: ("success", 1) for name in ones} | {"shard 1": ("success", 2)}
    if state != "success" or tries != expected:
        sys.exit(f"FAILED: a night with a killed shard is {state}: {tries}")
    print("ok: three shards, one of them killed and tried again")

    state, tries = tested(dag, conf | {"config": str(shop / "none.toml")})
    if state != "failed" or tries["fit"] != ("failed", 1):
        sys.exit(f"FAILED: a night without a configuration is {state}: {tries}")
    print("ok: exit code 2 fails the night at once")


def tested(dag, conf):
    """How a night ended, and how each of its tasks did at which try."""
    run = dag.test(run_conf=conf)
    tries = {}
    for task in run.get_task_instances():
        name = task.task_id if task.map_index < 0 else f"{task.task_id} {task.map_index}"
        tries[name] = (task.state, task.try_number)
    return run.state, tries


if __name__ == "__main__":
    main()
