"""One night of restock over the workers of Airflow 3: fit, every shard a task of its own, merge.

All workers see the shop's folder under the same path, and have the binary. Exit codes 2 and 3
(configuration, inputs) will not go away by trying again and fail the task at once; whatever else
ends a command, such as a worker that is lost, is tried again. Every command writes all or nothing
and can be repeated.
"""

import datetime
import subprocess
from pathlib import Path

import pendulum
from airflow.exceptions import AirflowFailException
from airflow.sdk import Param, dag, get_current_context, task

# Whose days count, and when the night begins: after the exports have been written.
ZONE = "Europe/Berlin"
SCHEDULE = "15 3 * * *"


@dag(
    schedule=SCHEDULE,
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    # A night that was missed is not made up for: its stock is gone.
    catchup=False,
    # Two nights never work on one ledger.
    max_active_runs=1,
    default_args={"retry_delay": datetime.timedelta(minutes=1)},
    params={
        "config": Param("/shop/restock.toml", type="string", description="the configuration"),
        "folder": Param("/shop/nights", type="string", description="seen by all workers"),
        "binary": Param("restock", type="string", description="the program, or its path"),
        "shards": Param(4, type="integer", minimum=1, description="into how many tasks"),
        "threads": Param(2, type="integer", minimum=1, description="of each task"),
        "as_of": Param(None, type=["null", "string"], format="date",
                       description="the day it stands at; that of the night if empty"),
    },
    tags=["restock"],
)
def restock_night():
    @task(retries=2)
    def fit():
        restock("fit", "--as-of", day(), "--output", night() / "fitted")

    @task
    def indices():
        return list(range(params()["shards"]))

    @task(retries=3, map_index_template="{{ task.op_kwargs['index'] }}")
    def shard(index):
        restock("run", "--shard", f"{index}/{params()['shards']}",
                "--fitted", night() / "fitted", "--output", night() / "parts" / str(index))

    @task(retries=2)
    def merge():
        parts = [night() / "parts" / str(index) for index in range(params()["shards"])]
        restock("merge", "--fitted", night() / "fitted", *parts)

    numbers = indices()
    fit() >> numbers
    shard.expand(index=numbers) >> merge()


def params():
    return get_current_context()["params"]


def day():
    """The day as a date: tasks on both sides of midnight mean the same one."""
    started = get_current_context()["dag_run"].run_after
    return params()["as_of"] or pendulum.instance(started).in_timezone(ZONE).to_date_string()


def night():
    return Path(params()["folder"]) / day()


def restock(command, *rest):
    """Runs a command. Only a merge may end with 1: done, with findings."""
    words = [params()["binary"], command, "--config", params()["config"],
             "--threads", params()["threads"], "--quiet", *rest]
    ended = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           encoding="utf-8", errors="replace")
    if ended.returncode in ((0, 1) if command == "merge" else (0,)):
        return
    last = "\n".join(ended.stderr.splitlines()[-20:])
    message = f"restock {command} ended with {ended.returncode}\n{last}"
    raise (AirflowFailException if ended.returncode in (2, 3) else RuntimeError)(message)


restock_night()
