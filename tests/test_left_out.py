"""What is left out: records of this period that would count if they had an owner, a date, a value, a
rate; each named with its KPI and the command that lists exactly those."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.app.leftout import in_order
from kpictl.cli import app
from kpictl.values import Account, Named
from plans import compute, write

DEALS = """\
ID;Стадия сделки;Сумма;Валюта;Ответственный;Дата создания;Предполагаемая дата закрытия
1;Сделка успешна;100;RUB;Анна Белова;01.05.2024 10:00:00;10.05.2024
2;Сделка успешна;200;RUB;;01.05.2024 10:00:00;11.05.2024
3;Сделка успешна;300;RUB;Анна Белова;01.05.2024 10:00:00;
4;В работе;400;RUB;Анна Белова;01.05.2024 10:00:00;
5;Сделка успешна;;RUB;Анна Белова;01.05.2024 10:00:00;12.05.2024
6;Сделка успешна;600;USD;Анна Белова;01.05.2024 10:00:00;13.05.2024
7;Сделка успешна;700;RUB;;01.03.2024 10:00:00;13.04.2024
8;Сделка успешна;;RUB;Анна Белова;01.03.2024 10:00:00;13.06.2024
9;Сделка проиграна;900;RUB;;01.05.2024 10:00:00;13.05.2024
10;Сделка успешна;1000;RUB;Пётр Чужой;01.05.2024 10:00:00;14.05.2024
"""
STAFF = "name,department\nАнна Белова,Продажи\n"
PLAN = """
sources:
  crm: {type: csv, deals: d.csv, employees: e.csv}
kpis:
  revenue: {label: Выручка, from: deals, sum: amount, where: won, when: closed_at, unit: money}
  closed:  {label: Закрыто, from: deals, count: rows, when: closed_at}
scorecards:
  s: {kpis: {revenue: {weight: 50, target: {2024-05: 100}}, closed: {weight: 50, target: {2024-05: 1}}}}
"""
FILES = {"d.csv": DEALS, "e.csv": STAFF}


def computed(
    folder: Path, plan: str, files: dict[str, str], *words: str
) -> list[dict[str, object]]:
    path = write(folder, plan, files)
    call = ["compute", "-c", str(path), "-p", "2024-05", "--as-of", "2024-07-15", "-f", "json"]
    done = CliRunner().invoke(app, [*call, *words])
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)["left_out"]
    return found


def by_reason(found: list[dict[str, object]], kpi: str) -> dict[object, object]:
    return {one["reason"]: one["count"] for one in found if one["kpi"] == kpi}


def test_only_what_would_count_is_left_out(tmp_path: Path) -> None:
    """Not an open deal without a close date, not another month's, not a lost one; but the won one
    without a date."""
    found = computed(tmp_path, PLAN, FILES)
    assert by_reason(found, "revenue") == {
        "no_owner": 1,
        "unknown_owner": 1,
        "no_date": 1,
        "no_amount": 1,
        "no_rate": 1,
    }
    assert by_reason(found, "closed") == {"no_owner": 2, "unknown_owner": 1, "no_date": 1}


def listed(command: str) -> Iterator[int]:
    """Run a command that a report names, and count the records below each of its heads."""
    program, *words = shlex.split(command)
    assert program == "kpictl"
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr
    count = -1
    for line in done.stdout.splitlines():
        if not line.startswith(" "):
            if count >= 0:
                yield count
            count = 0
        else:
            count += 1
    yield count


@pytest.mark.parametrize("words", [[], ["-s", "s"]])
def test_the_command_lists_exactly_what_was_counted(tmp_path: Path, words: list[str]) -> None:
    """Each line of JSON names a command; its records are those of the count, reason by reason."""
    found = computed(tmp_path, PLAN, FILES, *words)
    for kpi in ("revenue", "closed"):
        lines = [one for one in found if one["kpi"] == kpi]
        (command,) = {str(one["command"]) for one in lines}
        assert f"kpictl explain {kpi} --left-out -p 2024-05" in command
        assert list(listed(command)) == [one["count"] for one in lines]


def test_a_running_period_is_listed_as_of_the_same_day(tmp_path: Path) -> None:
    """The command carries --as-of where the period was not over, so that it counts the same."""
    found = computed(tmp_path, PLAN, FILES, "--as-of", "2024-05-12")
    (command,) = {str(one["command"]) for one in found if one["kpi"] == "revenue"}
    assert "--as-of 2024-05-12" in command
    assert list(listed(command)) == [one["count"] for one in found if one["kpi"] == "revenue"]


def test_the_table_names_the_kpi_and_the_command(tmp_path: Path) -> None:
    """A reader sees whose number misses records, and what to type to see them."""
    path = write(tmp_path, PLAN, FILES)
    call = ["compute", "-c", str(path), "-p", "2024-05", "--as-of", "2024-07-15"]
    shown = CliRunner().invoke(app, call).stdout
    assert "Выручка: " in shown
    command = f"kpictl explain revenue --left-out -p 2024-05 -c {shlex.quote(str(path))}"
    assert command in " ".join(shown.split())


TICKETS = "id;agent;opened;resolved\n1;Ann;01.05.2024;02.05.2024\n2;Ann;03.05.2024;\n"


@pytest.mark.parametrize(
    ("kpi", "reasons"),
    [
        ("{from: tickets, count: rows, when: resolved, by: agent}", {}),
        ("{from: tickets, count: rows, when: opened, by: agent}", {}),
        (
            "{from: tickets, count: rows, where: id = '2', when: resolved, by: agent}",
            {"no_date": 1},
        ),
    ],
)
def test_an_open_ticket_lacks_no_date(tmp_path: Path, kpi: str, reasons: dict[str, int]) -> None:
    """In a table of one's own a date of closing is empty as long as a record is open; what a
    condition picks out lacks it."""
    plan = f"sources: {{s: {{type: csv, tickets: t.csv}}}}\nkpis: {{done: {kpi}}}\n"
    plan += "scorecards: {s: {kpis: {done: {weight: 100, target: {2024-05: 1}}}}}\n"
    assert by_reason(computed(tmp_path, plan, {"t.csv": TICKETS}), "done") == reasons


def test_a_sale_without_its_date_is_left_out(tmp_path: Path) -> None:
    """A line of sales without a day would count, and is said."""
    plan = """
    sources: {s: {type: csv, sales: t.csv}}
    kpis: {sold: {from: sales, sum: amount, when: day, by: agent}}
    scorecards: {s: {kpis: {sold: {weight: 100, target: {2024-05: 1}}}}}
    """
    lines = "agent;day;amount\nAnn;02.05.2024;5\nAnn;;7\n"
    assert by_reason(computed(tmp_path, plan, {"t.csv": lines}), "sold") == {"no_date": 1}


def test_people_of_another_scorecard_are_not_left_out(tmp_path: Path) -> None:
    """With -s one scorecard is computed; the people of the others that have the KPI are scored
    there, and their records are left out of nothing."""
    plan = """
    sources: {s: {type: csv, sales: t.csv, employees: e.csv}}
    kpis: {sold: {from: sales, sum: amount, when: day, by: agent}}
    scorecards:
      a: {who: department = 'A', kpis: {sold: {weight: 100, target: {2024-05: 1}}}}
      b: {who: department = 'B', kpis: {sold: {weight: 100, target: {2024-05: 1}}}}
    """
    files = {"t.csv": "agent;day;amount\nAnn;02.05.2024;5\nBen;03.05.2024;7\nEve;03.05.2024;1\n",
             "e.csv": "name;department\nAnn;A\nBen;B\n"}  # fmt: skip
    assert by_reason(computed(tmp_path, plan, files, "-s", "a"), "sold") == {"unknown_owner": 1}


NEXT_MONTH = """\
id;agent;opened;resolved;made
1;Ann;02.05.2024;03.05.2024;02.05.2024 10:00
2;Ann;31.05.2024;;31.05.2024 23:59
3;Ann;01.06.2024;;01.06.2024 00:00
4;Ann;;;
5;Ann;02.07.2024;;02.07.2024 10:00
"""


@pytest.mark.parametrize("made", ["opened", "made"])
def test_what_is_made_after_the_period_lacks_no_date_of_it(tmp_path: Path, made: str) -> None:
    """A record of June without a date is nobody's loss in May; one of which nobody knows since when
    it is there may be. In a table of one's own too, by days and by moments."""
    plan = f"""
    sources: {{s: {{type: csv, tickets: {{path: t.csv, fields: {{created: {made}}}}}}}}}
    kpis: {{done: {{from: tickets, count: rows, where: id <> '9', when: resolved, by: agent}}}}
    scorecards: {{s: {{kpis: {{done: {{weight: 100, target: {{2024-05: 1}}}}}}}}}}
    """
    if made == "opened":
        plan = plan.replace("created: opened", "opened: {column: opened, type: date}")
    else:
        plan = plan.replace("created: made", "created: {column: made, type: datetime}")
    found = computed(tmp_path, plan, {"t.csv": NEXT_MONTH})
    assert by_reason(found, "done") == {"no_date": 2}
    assert list(listed(str(found[0]["command"]))) == [2]


LATER_DEALS = DEALS + "11;Сделка успешна;50;RUB;Анна Белова;01.06.2024 00:00:00;\n"


@pytest.mark.parametrize(("as_of", "count"), [("2024-07-15", 1), ("2024-04-30", 0)])
@pytest.mark.parametrize("spoilt", [False, True])
def test_a_deal_of_next_month_lacks_no_date_of_this(
    tmp_path: Path, as_of: str, count: int, spoilt: bool
) -> None:
    """Of the won deals without a close date only those count that were there before the slice ended;
    a date of creation that cannot be read stops nobody who does not count by it."""
    deals = LATER_DEALS
    if spoilt:
        deals += "12;Сделка проиграна;50;RUB;Анна Белова;вчера;10.05.2024\n"
    found = computed(tmp_path, PLAN.replace("sum: amount", "sum: amount_original"), {
        "d.csv": deals, "e.csv": STAFF
    }, "--as-of", as_of)  # fmt: skip
    assert by_reason(found, "revenue").get("no_date", 0) == count


MANY = """\
ID;Стадия сделки;Сумма;Ответственный;Клиент;Дата создания;Предполагаемая дата закрытия
1;Сделка успешна;100;Анна Белова;7;01.05.2024 10:00:00;10.05.2024
2;Сделка успешна;200;;8;01.05.2024 10:00:00;11.05.2024
3;Сделка успешна;;;9;01.05.2024 10:00:00;11.05.2024
4;Сделка успешна;;Анна Белова;;01.05.2024 10:00:00;11.05.2024
"""
STRANGERS = "БГДЕЖИК"


def test_what_is_nobodys_is_counted_summed_and_named_in_short(tmp_path: Path) -> None:
    """Records without an amount count as well; five names stand for seven strangers."""
    rows = (
        f"1{n};Сделка успешна;{'' if n == 6 else 10};Чужой {letter}.;{n};01.05.2024 10:00:00;12.05.2024\n"
        for n, letter in enumerate(STRANGERS)
    )
    plan = PLAN.replace(
        "deals: d.csv", "deals: {path: d.csv, fields: {client_id: Клиент}}"
    ).replace(
        "scorecards:",
        "  clients: {from: deals, count: distinct client_id, when: closed_at}\nscorecards:",
    )
    plan = plan.replace("closed: {weight: 50", "clients: {weight: 25}, closed: {weight: 25")
    files = {"d.csv": MANY + "".join(rows), "e.csv": STAFF}
    said = compute(tmp_path, plan, files).results.left_out
    found = {(one.kpi, one.reason): one for one in said}
    nobodys, strangers = found["revenue", "no_owner"], found["revenue", "unknown_owner"]
    assert (nobodys.count, nobodys.amount, nobodys.ids) == (2, Decimal(200), ("2", "3"))
    assert (strangers.count, strangers.amount, strangers.more) == (7, Decimal(60), 2)
    assert list(strangers.names) == [f"Чужой {letter}." for letter in "БГДЕЖ"]
    assert found["closed", "unknown_owner"].amount is None
    assert found["clients", "no_client"].count == 1
    assert found["clients", "unknown_owner"].count == 7


def test_the_first_five_by_their_number_stand_for_all(tmp_path: Path) -> None:
    """Of six records of nobody the ids of five, in the order of the ids, whichever came first."""
    rows = "".join(
        f"2{n};Сделка успешна;10;;{n};01.05.2024 10:00:00;{20 - n}.05.2024\n" for n in range(6)
    )
    head = MANY.splitlines(keepends=True)[0]
    found = compute(tmp_path, PLAN, {"d.csv": head + rows, "e.csv": STAFF}).left_out("revenue")
    assert found["no_owner"].count == 6
    assert found["no_owner"].ids == ("20", "21", "22", "23", "24")


SALES = """
    sources: {s: {type: csv, employees: e.csv, sales: {path: t.csv, fields: {agent: {column: agent, type: person}, amount: {column: amount, type: money}}}}}
    kpis:
      sold: {from: sales, sum: amount, when: day, by: agent, unit: money}
      n: {from: sales, count: rows, when: day, by: agent}
      each: {ratio: {of: sold, over: n}, unit: money}
    scorecards: {a: {who: department = 'A', kpis: {each: {weight: 100, target: {2024-05: 1}}}}}
"""
SOLD = "agent;day;amount\nAnn;02.05.2024;5\nBen;03.05.2024;7\nCid;03.05.2024;\nDan;04.05.2024;9\nEve;05.05.2024;1\n"
AGENTS = "name;department\nAnn;A\nBen;B\nCid;B\n"


def test_what_a_quotient_is_made_of_lacks_the_records_of_others(tmp_path: Path) -> None:
    """A scorecard that shows the mean alone leaves out, of the sum and of the number of records that
    it is made of, those of people of the list and of strangers who are on no scorecard; one of
    them without an amount is a record all the same."""
    found = compute(tmp_path, SALES, {"t.csv": SOLD, "e.csv": AGENTS})
    sold, counted = (found.left_out(kpi)["unknown_owner"] for kpi in ("sold", "n"))
    assert (sold.count, sold.amount) == (4, Decimal(17))
    assert (counted.count, counted.amount) == (4, None)
    assert sold.names == counted.names == ("Ben", "Cid", "Dan", "Eve")
    assert sold.more == 0


def test_a_scorecard_of_everybody_leaves_out_strangers_alone(tmp_path: Path) -> None:
    """Who is on the list is scored."""
    plan = SALES.replace("who: department = 'A', ", "")
    found = compute(tmp_path, plan, {"t.csv": SOLD, "e.csv": AGENTS}).left_out("sold")
    assert (found["unknown_owner"].count, found["unknown_owner"].names) == (2, ("Dan", "Eve"))


def test_users_without_a_name_follow_by_their_numbers() -> None:
    """Names by the alphabet, then numbers as numbers: 9 before 10."""
    several: list[Named] = [Account("10"), "Eve", Account("9"), "Ann", Account("100")]
    assert in_order(several) == ["Ann", "Eve", Account("9"), Account("10"), Account("100")]
