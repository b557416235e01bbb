"""Pulling deals from a pretended portal, side by side with the field's other clients.

    python benchmarks/pulling.py                     20,000 and 200,000 deals, kpictl and the others
    python benchmarks/pulling.py --all-fields        every field of them, not those of one KPI
    python benchmarks/pulling.py --deals 500000      another number, kpictl alone: is memory flat?
    python benchmarks/pulling.py --deals 20000 --only kpictl --only "b24pysdk as_list_fast" --runs 7

Each client is a process of its own; so is the portal, with the bucket of the standard tariff: 50
requests at once, two a second from then on. `b24pysdk` comes with the development packages;
`fast_bitrix24` takes part where it is installed. With several runs the clients take turns, and
the medians are printed: what else the machine does then falls on all of them.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent

SERVER = """
import sys, threading
sys.path.insert(0, {tests!r})
from portal import Faults, Portal, WallClock, World
from portal.limits import PLANS, Bucket
world = World.bulk({deals})
world.clock = WallClock()
faults = Faults(1, rate={faults}) if {faults} else None
portal = Portal(world, WallClock(), plan="standard", faults=faults)
with portal.serve():
    # What a portal's database has long since indexed is not the clients' time.
    since = "filter[%3E%3DupdatedTime]=2026-01-01T00:00:00%2B03:00"
    for ask in ("order[id]=DESC&start=0", since):
        address = portal.webhook + "crm.item.list?entityTypeId=2&" + ask
        assert portal.respond("GET", address, {{}}, b"")[0] == 200
    portal.counters.clear()
    portal.bucket = Bucket(*PLANS["standard"], now=portal.clock.now)
    print(portal.webhook, flush=True)
    for line in sys.stdin:
        print(portal.counters["requests"], flush=True)
"""

PLAN = """\
kpictl: 1
company: {name: Ромашка, currency: RUB, timezone: Europe/Moscow}
sources: {crm: {type: bitrix24}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: moved_at, unit: money}
"""

# The SDK speaks https only; the pretended portal, on loopback, http.
SDK = """
import requests
from b24pysdk import BitrixWebhook, Client
send = requests.adapters.HTTPAdapter.send
def plain(self, request, **more):
    request.url = request.url.replace("https://", "http://")
    return send(self, request, **more)
requests.adapters.HTTPAdapter.send = plain
client = Client(BitrixWebhook(domain={domain!r}, webhook_token={token!r}))
found = client.crm.deal.list(select={upper!r})
"""
OTHERS = {
    "b24pysdk as_list": SDK + "print(len(found.as_list().result))",
    "b24pysdk as_list_fast": SDK + "print(sum(1 for _ in found.as_list_fast().result))",
    "fast_bitrix24": """
from fast_bitrix24 import Bitrix
asked = {{"entityTypeId": 2, "select": {select!r}}}
rows = Bitrix({webhook!r}, ssl=False).get_all("crm.item.list", asked)
print(len(rows))
""",
}
ALL = ["*", "UF_*"]
SELECT = ["id", "title", "createdTime", "updatedTime", "movedTime", "stageId", "stageSemanticId",
          "categoryId", "opportunity", "currencyId", "assignedById", "closedate",
          "isRecurring"]  # fmt: skip
UPPER = ["ID", "TITLE", "DATE_CREATE", "DATE_MODIFY", "MOVED_TIME", "STAGE_ID",
         "STAGE_SEMANTIC_ID", "CATEGORY_ID", "OPPORTUNITY", "CURRENCY_ID", "ASSIGNED_BY_ID",
         "CLOSEDATE", "IS_RECURRING"]  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One client's whole process: seconds by the clock and of the processor, megabytes at most,
    requests, and how it ended."""

    client: str
    seconds: float
    busy: float
    megabytes: float
    requests: int
    ended: str


@dataclass(frozen=True)
class Case:
    """What the portal holds, how often its answers are faulty, and what is asked of it."""

    deals: int
    faults: float
    all_fields: bool


@contextmanager
def portal(deals: int, faults: float) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    code = SERVER.format(tests=str(ROOT / "tests"), deals=deals, faults=faults)
    server = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None  # noqa: S101  piped
    try:
        yield server.stdout.readline().strip(), server
    finally:
        server.kill()
        server.wait()


def requests(server: subprocess.Popen[str]) -> int:
    assert server.stdin is not None and server.stdout is not None  # noqa: S101, PT018  piped
    server.stdin.write("\n")
    server.stdin.flush()
    return int(server.stdout.readline())


def timed(command: Sequence[str], webhook: str, folder: Path) -> tuple[float, str, str]:
    """Run a process; return its seconds, what it printed and how it ended."""
    env = {**os.environ, "BITRIX24_WEBHOOK_URL": webhook}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # as where kpictl is installed
    began = time.perf_counter()
    child = subprocess.Popen(
        command, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    out, err = child.communicate()
    seconds = time.perf_counter() - began
    ended = "ok" if child.returncode == 0 else (err.strip().splitlines() or ["failed"])[-1][:90]
    return seconds, out, ended


def measured(client: str, case: Case) -> Run:
    """Run one client against a portal of its own."""
    with portal(case.deals, case.faults) as (webhook, server), TemporaryDirectory() as name:
        folder = Path(name)
        if client == "kpictl":
            (folder / "kpi.yaml").write_text(PLAN, "utf-8")
            command = [sys.executable, "-m", "kpictl", "pull", "-q", "--only", "deals"]
            command += ["--all-fields"] * case.all_fields
        else:
            _, _, domain, _, user, code, *_ = webhook.split("/")
            body = OTHERS[client].format(
                webhook=webhook,
                domain=domain,
                token=f"{user}/{code}",
                select=ALL if case.all_fields else SELECT,
                upper=ALL if case.all_fields else UPPER,
            )
            command = [sys.executable, "-c", body]
        watched = [sys.executable, str(Path(__file__)), "--watch", *command]
        _, out, ended = timed(watched, webhook, folder)
        seconds, busy, megabytes = map(float, out.split()[-3:]) if out.strip() else (0.0, 0.0, 0.0)
        return Run(client, seconds, busy, megabytes, requests(server), ended)


def watch(command: Sequence[str]) -> int:
    """Run a command as the only child; print its seconds by the clock and of the processor, and
    the most memory that it has had, in MB."""
    began = time.perf_counter()
    code = subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
    return code


def clients() -> list[str]:
    from importlib.util import find_spec

    return ["kpictl", *(c for c in OTHERS if find_spec(c.split()[0]) is not None)]


def middle(runs: Sequence[Run]) -> Run:
    """Return the medians of several runs of one client; how the worst has ended."""
    ended = next((run.ended for run in runs if run.ended != "ok"), "ok")
    return Run(
        runs[0].client,
        median(run.seconds for run in runs),
        median(run.busy for run in runs),
        median(run.megabytes for run in runs),
        max(run.requests for run in runs),
        ended,
    )


def main() -> None:
    if sys.argv[1:2] == ["--watch"]:
        sys.exit(watch(sys.argv[2:]))
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--deals", type=int, action="append")
    options.add_argument("--faults", type=float, default=0.0)
    options.add_argument("--all-fields", action="store_true")
    options.add_argument("--only", action="append", help="this client")
    options.add_argument("--runs", type=int, default=1)
    given = options.parse_args()
    chosen = given.only or (["kpictl"] if given.deals else clients())
    print(
        f"{'client':24}{'deals':>9}{'requests':>10}{'seconds':>9}{'CPU':>7}{'least':>7}{'MB':>7}"
        "  ended"
    )
    for deals in given.deals or [20_000, 200_000]:
        case = Case(deals, given.faults, given.all_fields)
        turns = [[measured(client, case) for client in chosen] for _ in range(given.runs)]
        for runs in zip(*turns, strict=True):
            run = middle(runs)
            least = max(run.requests - 50, 0) / 2
            print(
                f"{run.client:24}{deals:9,}{run.requests:10}{run.seconds:9.2f}{run.busy:7.2f}"
                f"{least:7.1f}{run.megabytes:7.0f}  {run.ended}",
                flush=True,
            )


if __name__ == "__main__":
    main()
