#!/usr/bin/env python3
"""Measures restock and statsforecast on the same series, in turn, each on one core.

    python3 -m venv peer && peer/bin/pip install statsforecast==2.1.1 pyarrow
    cargo run --release --example large_shop -- 1000 104 shop
    peer/bin/python benches/peer.py target/release/restock shop

The directory holds orders.parquet (date, sku, quantity; one row an item and week that sold) and
restock.toml. What is told is processor time, that of a whole process of restock with reading and
writing, and that of the call `forecast` of the peer, which is given its series in memory. It makes
means alone, and has forecast a few series before, so that nothing is loaded or compiled in it.
With a season of 52 weeks it is slow, and given every tenth series only.
"""

import os

for pool in ("OMP", "OPENBLAS", "MKL", "RAYON", "NIXTLA"):
    os.environ[f"{pool}_NUM_THREADS"] = "1"
os.environ["POLARS_MAX_THREADS"] = "1"

import argparse
import datetime
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

import pandas
import statsforecast
from statsforecast import models

WEEKS_AHEAD = 13
# Each with how many series it is given one of.
PEERS = [
    (models.AutoETS(season_length=52, alias="AutoETS, season 52"), 10),
    (models.AutoETS(season_length=1, alias="AutoETS, season 1"), 1),
    (models.CrostonOptimized(), 1),
    (models.IMAPA(), 1),
    (models.ADIDA(), 1),
    (models.TSB(alpha_d=0.2, alpha_p=0.2), 1),
]


def series(directory):
    """Every week of every item from the shop's first on, zeros included; the day after them."""
    sold = pandas.read_parquet(directory / "orders.parquet")
    sold["date"] = pandas.to_datetime(sold["date"])
    table = sold.pivot_table(index="date", columns="sku", values="quantity", aggfunc="sum")
    weeks = pandas.date_range(table.index.min(), table.index.max(), freq="7D")
    table = table.reindex(weeks).fillna(0.0).astype(float)
    long = table.T.stack().reset_index()
    long.columns = ["unique_id", "ds", "y"]
    return long, (weeks[-1] + datetime.timedelta(days=7)).date()


def processor_seconds(of):
    used = resource.getrusage(of)
    return used.ru_utime + used.ru_stime


def of_peer(model, long):
    """Processor milliseconds of one series, when all of these are forecast at once."""
    forecaster = statsforecast.StatsForecast(models=[model], freq="7D", n_jobs=1)
    before = time.process_time()
    forecaster.forecast(df=long, h=WEEKS_AHEAD)
    return 1e3 * (time.process_time() - before) / long["unique_id"].nunique()


def of_restock(binary, command, directory, as_of):
    """Processor seconds of one process of restock, which writes into an empty folder."""
    with tempfile.TemporaryDirectory() as out:
        more = ["--output", f"{out}/forecast.csv"] if command == "forecast" else []
        line = [binary, command, "--config", directory / "restock.toml", "--as-of", str(as_of)]
        line += ["--threads", "1", "--quiet", "--set", f'outputs.dir="{out}/runs"', *more]
        before = processor_seconds(resource.RUSAGE_CHILDREN)
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
        return processor_seconds(resource.RUSAGE_CHILDREN) - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", help="restock")
    parser.add_argument("directory", type=pathlib.Path, nargs="+")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()

    for directory in asked.directory:
        long, as_of = series(directory)
        items = long["unique_id"].unique()
        runs = {}
        for model, every in PEERS:
            of_peer(model, long[long["unique_id"].isin(items[:5])])
            given = long[long["unique_id"].isin(items[::every])]
            runs[model.alias] = lambda model=model, given=given: of_peer(model, given)
        for command in ("forecast", "run"):
            runs[f"restock {command}"] = lambda command=command: (
                1e3 * of_restock(asked.binary, command, directory, as_of) / len(items)
            )

        # In turn, so that a busy minute of the machine meets all of them alike.
        took = {name: [] for name in runs}
        for _ in range(asked.times):
            for name, run in runs.items():
                took[name].append(run())

        weeks = len(long) // len(items)
        print(f"{directory.name}: {len(items)} series of {weeks} weeks, {asked.times} times,")
        print(f"statsforecast {statsforecast.__version__}: least and median ms an item and core")
        for name, each in took.items():
            print(f"| {name} | {min(each):.3f} | {statistics.median(each):.3f} |")


if __name__ == "__main__":
    main()
