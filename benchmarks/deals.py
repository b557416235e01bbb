"""Ten KPIs over millions of deals: kpictl against one hand-written DuckDB statement.

Both are timed as whole processes, in turn, so that a change in the machine's speed meets both.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

DATA = Path(__file__).parent / "data"
STAGES = ("Сделка успешна", "Новая", "Сделка провалена", "В работе")
HEADER = (
    '"ID";"Название сделки";"Стадия сделки";"Сумма";"Валюта";"Ответственный";"Компания";'
    '"Повторная сделка";"Дата создания";"Дата изменения стадии";\n'
)
PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: ru}
sources: {crm: {type: csv, deals: deals.csv}}
kpis:
  revenue: {from: deals, sum: amount, where: won, when: closed_at, unit: money}
  won_deals: {from: deals, count: rows, where: won, when: closed_at}
  clients: {from: deals, count: distinct client_id, where: won, when: closed_at}
  new_clients:
    from: deals
    count: distinct client_id
    where: won and not is_return_customer
    when: closed_at
  average_deal: {ratio: {of: revenue, over: won_deals}, unit: money}
  median_deal: {from: deals, median: amount, where: won, when: closed_at, unit: money}
  largest_deal: {from: deals, max: amount, where: won, when: closed_at, unit: money}
  lost_deals: {from: deals, count: rows, where: lost, when: closed_at}
  created: {from: deals, count: rows, when: created_at}
  won_share: {from: deals, share: won, where: won or lost, when: closed_at}
scorecards:
  sales:
    kpis:
      revenue: {weight: 10, target: 1}
      won_deals: {weight: 10, target: 1}
      clients: {weight: 10, target: 1}
      new_clients: {weight: 10, target: 1}
      average_deal: {weight: 10, target: 1}
      median_deal: {weight: 10, target: 1}
      largest_deal: {weight: 10, target: 1}
      lost_deals: {weight: 10, target: 1}
      created: {weight: 10, target: 1}
      won_share: {weight: 10, target: 1}
"""
KPIS = ("revenue", "won_deals", "clients", "new_clients", "average_deal", "median_deal",
        "largest_deal", "lost_deals", "created", "won_share")  # fmt: skip
BY_HAND = """
import duckdb, json, sys
won = "stage = 'Сделка успешна' AND moved"
lost = "stage = 'Сделка провалена' AND moved"
rows = duckdb.connect().execute(f'''
SELECT owner,
  coalesce(sum(amount) FILTER ({won}), 0),
  count(*) FILTER ({won}),
  count(DISTINCT company) FILTER ({won}),
  count(DISTINCT company) FILTER ({won} AND repeated = 'нет'),
  sum(amount) FILTER ({won}) / nullif(count(*) FILTER ({won}), 0),
  median(amount) FILTER ({won}),
  max(amount) FILTER ({won}),
  count(*) FILTER ({lost}),
  count(*) FILTER (created),
  100.0 * count(*) FILTER ({won}) / nullif(count(*) FILTER (({won}) OR ({lost})), 0)
FROM (SELECT c2 AS stage, try_cast(c3 AS DECIMAL(18,2)) AS amount, c5 AS owner, c6 AS company,
        c7 AS repeated,
        try_strptime(c8, '%d.%m.%Y %H:%M:%S') >= TIMESTAMP '2024-05-01'
          AND try_strptime(c8, '%d.%m.%Y %H:%M:%S') < TIMESTAMP '2024-06-01' AS created,
        try_strptime(c9, '%d.%m.%Y %H:%M:%S') >= TIMESTAMP '2024-05-01'
          AND try_strptime(c9, '%d.%m.%Y %H:%M:%S') < TIMESTAMP '2024-06-01' AS moved
      FROM read_csv('deals.csv', delim = ';', quote = '"', escape = '"', header = true,
        auto_detect = false, columns = {{c0: 'VARCHAR', c1: 'VARCHAR', c2: 'VARCHAR',
        c3: 'VARCHAR', c4: 'VARCHAR', c5: 'VARCHAR', c6: 'VARCHAR', c7: 'VARCHAR',
        c8: 'VARCHAR', c9: 'VARCHAR', c10: 'VARCHAR'}}))
GROUP BY owner ORDER BY owner
''').fetchall()
json.dump([[str(cell) for cell in row] for row in rows], sys.stdout)
"""


def generate(rows: int, folder: Path = DATA, *, people: int = 200) -> None:
    """Write the deals, the plan and the statement into a folder, unless they are there already."""
    folder.mkdir(exist_ok=True, parents=True)
    (DATA / ".gitignore").write_text("*\n")
    (folder / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    (folder / "by_hand.py").write_text(BY_HAND, encoding="utf-8")
    stamp, size = folder / "rows", f"{rows} of {people}"
    if stamp.exists() and stamp.read_text() == size:
        return
    dice = random.Random(24)
    names = [f"Имя{n} Фамилия{n}" for n in range(people)]
    with (folder / "deals.csv").open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEADER)
        for ident in range(1, rows + 1):
            amount = f"{dice.randrange(100, 99_999_999) / 100:.2f}"
            day, month = dice.randrange(1, 29), dice.randrange(1, 13)
            created = f"{day:02}.{month:02}.2024 {dice.randrange(24):02}:11:12"
            moved = f"{dice.randrange(1, 29):02}.{month:02}.2024 {dice.randrange(24):02}:20:05"
            cells = (ident, f"Поставка {ident}", dice.choice(STAGES), amount, "Российский рубль",
                     dice.choice(names), f"Компания {dice.randrange(50_000)}",
                     dice.choice(("да", "нет")), created, moved)  # fmt: skip
            file.write("".join(f'"{cell}";' for cell in cells) + "\n")
    stamp.write_text(size)


def timed(command: list[str], output: Path) -> tuple[float, int]:
    """Run a command as a whole process; return wall seconds and peak memory in kilobytes."""
    probe = (
        "import resource, subprocess, sys; r = subprocess.run(sys.argv[2:], "
        "stdout=open(sys.argv[1], 'wb')).returncode; "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(r)"
    )
    # Byte code is kept, as it is where kpictl is installed.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", probe, str(output), *command],
        cwd=DATA, capture_output=True, text=True, check=True, env=env,
    )  # fmt: skip
    return time.perf_counter() - began, int(done.stdout)


def agree(ours: Path, theirs: Path) -> None:
    """Compare every figure of every employee; binary floats of the statement to 6 digits."""
    results = json.loads(ours.read_text("utf-8"), parse_float=Decimal)
    by_name = {row["name"]: row["kpis"] for row in results["scorecards"][0]["rows"]}
    for name, *cells in json.loads(theirs.read_text("utf-8")):
        for kpi, cell in zip(KPIS, cells, strict=True):
            one, other = Decimal(str(by_name[name][kpi]["value"])), Decimal(cell)
            if abs(one - other) > abs(other) / 10**6:
                sys.exit(f"{name} {kpi}: {one} is not {other}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    generate(chosen.rows)
    kpictl = [str(Path(sys.executable).with_name("kpictl")), "compute", "-q", "-p", "2024-05",
              "--as-of", "2025-01-01", "-f", "json"]  # fmt: skip
    by_hand = [sys.executable, "by_hand.py"]
    pairs = []
    for run in range(chosen.runs + 1):
        pair = timed(kpictl, DATA / "ours.json"), timed(by_hand, DATA / "theirs.json")
        if run:  # the first one warms the disk's cache
            pairs.append(pair)
            print(f"kpictl {pair[0][0]:.2f} s   by hand {pair[1][0]:.2f} s")
    agree(DATA / "ours.json", DATA / "theirs.json")
    ours, theirs = (statistics.median(p[i][0] for p in pairs) for i in (0, 1))
    ratio = statistics.median(p[0][0] / p[1][0] for p in pairs)
    memory = [max(p[i][1] for p in pairs) // 1024 for i in (0, 1)]
    print(f"{chosen.rows:,} deals, median of {chosen.runs}: kpictl {ours:.2f} s, {memory[0]} MB; "
          f"by hand {theirs:.2f} s, {memory[1]} MB; ratio {ratio:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
