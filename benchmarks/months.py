"""Twelve months of ten KPIs over millions of deals: `kpictl trend` against `kpictl compute` of one.

Both are timed as whole processes, in turn, by the time of their processors as well as by the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
from decimal import Decimal
from pathlib import Path

from deals import DATA, generate, timed

FOLDER = DATA / "months"
YEAR = [f"2024-{month:02}" for month in range(1, 13)]


def agree(year: Path, month: Path) -> None:
    """Compare the index of everybody in the last of the twelve months with that of the month."""
    trend = json.loads(year.read_text("utf-8"), parse_float=Decimal)
    one = json.loads(month.read_text("utf-8"), parse_float=Decimal)
    expected = {row["id"]: row["index"] for row in one["scorecards"][0]["rows"]}
    lines = trend["tables"][0]["lines"]
    shown = {x["id"]: x["points"][-1]["value"] for x in lines if x["kind"] == "row"}
    if shown != expected:
        sys.exit(f"the trend says {shown}, the month {expected}")


def processor() -> float:
    """Return the seconds of processors that finished children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    generate(chosen.rows, FOLDER, people=chosen.people)
    program, common = str(Path(sys.executable).with_name("kpictl")), ["-q", "-p", YEAR[-1]]
    common += ["--as-of", "2025-01-01", "-f", "json", "-c", str(FOLDER / "kpi.yaml")]
    commands = {
        "year": [program, "trend", "--index", "--periods", "12", *common],
        "month": [program, "compute", *common],
    }
    rounds = []
    for run in range(chosen.runs + 1):
        used = {}
        for name, command in commands.items():
            before = processor()
            wall, _ = timed(command, FOLDER / f"{name}.json")
            used[name] = (wall, processor() - before)
        if run:  # the first one warms the disk's cache
            rounds.append(used)
            print(
                "   ".join(f"{n} {wall:.2f} s, cpu {cpu:.2f} s" for n, (wall, cpu) in used.items())
            )
    agree(FOLDER / "year.json", FOLDER / "month.json")
    by_clock, by_cpu = (
        statistics.median(r["year"][i] / r["month"][i] for r in rounds) for i in (0, 1)
    )
    print(f"{chosen.rows:,} deals, {chosen.people} people, ten KPIs, median of {chosen.runs}:")
    print(f"twelve months take {by_clock:.2f} × one by the clock, {by_cpu:.2f} × by processors")


if __name__ == "__main__":
    main()
