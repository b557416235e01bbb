"""`python tests/portal`: a portal to play with, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from portal import Faults, Portal, WallClock, World
from portal.moments import utc

MANY = 20_000


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="portal", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8024)
    parser.add_argument("--deals", type=int, default=300, help=f"above {MANY}: bare deals only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plan", choices=("standard", "enterprise"), help="default: no limit")
    parser.add_argument("--faults", type=float, default=0.0, metavar="RATE", help="0 to 1")
    return parser.parse_args()


def steps(webhook: str, *, bulk: bool = False) -> list[str]:
    """Return the commands that lead from an empty folder to figures."""
    period = "ytd" if bulk else "last-month"
    here = str(Path(sys.executable).parent)
    path = [] if shutil.which("kpictl") else [f'export PATH="{here}{os.pathsep}$PATH"']
    return [
        *path,
        f"export BITRIX24_WEBHOOK_URL={webhook}",
        "kpictl init --from-portal",
        "kpictl pull",
        f"kpictl compute --period {period}",
    ]


def main() -> None:
    options = parse()
    clock = WallClock()
    if options.deals > MANY:
        world = World.bulk(options.deals, options.seed, clock)
    else:
        world = World.sample(options.seed, options.deals, utc(clock.now()))
    faults = Faults(options.seed, options.faults) if options.faults else None
    portal = Portal(world, clock, options.plan, faults)
    try:
        with portal.serve(options.port, options.host):
            print(f"ООО «Ромашка»: {len(world['deals'])} deals. Ctrl-C stops.\n")
            print("In an empty folder:\n")
            print("\n".join(steps(portal.webhook, bulk=options.deals > MANY)))
            print(f"\ncurl -g '{portal.webhook}crm.item.list?entityTypeId=2&select[]=id&start=-1'")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        print(f"\n{portal.counters['requests']} requests.")


if __name__ == "__main__":
    main()
