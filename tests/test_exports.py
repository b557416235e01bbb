"""Exports of other tools, in their true form: owner, dates, stage and amount are found by caption."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpictl.catalog import entity
from kpictl.sources.columns import match
from plans import compute

WON = {"Ann Ray": Decimal(1500), "Bo Lund": Decimal(0)}

ZOHO = """\
Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name,Stage,Pipeline,Created By,Created Time,Modified Time
zcrm_5543000001,zcrm_77,Ann Ray,1500,Pumps,2024-05-20,Luch,Closed Won,Standard,Bo Lund,2024-05-02 10:00:00,2024-05-20 12:00:00
zcrm_5543000002,zcrm_78,Bo Lund,700,Pipes,2024-05-21,Kub,Closed Lost,Standard,Bo Lund,2024-05-03 10:00:00,2024-05-21 12:00:00
"""
HUBSPOT = """\
Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Create Date,Pipeline,Associated Company
19300000001,Pumps,Closed Won,2024-05-20 12:00,Ann Ray,1500,2024-05-02 10:00,Sales Pipeline,Luch
19300000002,Pipes,Closed Lost,2024-05-21 12:00,Bo Lund,700,2024-05-03 10:00,Sales Pipeline,Kub
"""
PIPEDRIVE = """\
Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Owner,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Deal closed on,Deal - Won time,Deal - Organization
1,Pumps,1500,EUR,Ann Ray,Negotiations,Won,2024-05-02 10:00:00,2024-05-20 12:00:00,2024-05-20 12:00:00,Luch
2,Pipes,700,EUR,Bo Lund,Negotiations,Lost,2024-05-03 10:00:00,2024-05-21 12:00:00,,Kub
3,Rods,900,EUR,Bo Lund,Negotiations,Open,2024-05-03 10:00:00,,,Kub
"""
AMOCRM = """\
ID;Название сделки;Бюджет ₽;Ответственный;Дата создания;Кем создана;Дата редактирования;Дата закрытия;Этап сделки;Воронка;Основной контакт
1001;Насосы;1500;Ann Ray;02.05.2024 10:00:00;Ann Ray;20.05.2024 12:00:00;20.05.2024 12:00:00;Успешно реализовано;Продажи;Анна
1002;Трубы;700;Bo Lund;03.05.2024 10:00:00;Bo Lund;21.05.2024 12:00:00;21.05.2024 12:00:00;Закрыто и не реализовано;Продажи;Борис
"""
KOMMO = """\
ID,Lead title,Sale,Responsible user,Created at,Last modified,Closed at,Lead stage,Pipeline
1001,Pumps,1500,Ann Ray,02.05.2024 10:00:00,20.05.2024 12:00:00,20.05.2024 12:00:00,Closed - won,Sales
1002,Pipes,700,Bo Lund,03.05.2024 10:00:00,21.05.2024 12:00:00,21.05.2024 12:00:00,Closed - lost,Sales
"""

AMOCRM_WHOLE = """\
"ID";"Название сделки";"Бюджет";"Ответственный";"Дата создания сделки";"Кем создана сделка";"Дата редактирования";"Кем редактирована";"Дата закрытия";"Теги";"Этап сделки";"Воронка";"Полное имя контакта";"Компания контакта";"Ответственный за контакт";"Рабочий телефон"
"1001";"Насосы";"1500";"Ann Ray";"02.05.2024 10:00:00";"Ann Ray";"20.05.2024 12:00:00";"Bo Lund";"20.05.2024 12:00:00";"";"Успешно реализовано";"Продажи";"Анна";"Луч";"Bo Lund";"'+79120000000"
"1002";"Трубы";"700";"Bo Lund";"03.05.2024 10:00:00";"Bo Lund";"21.05.2024 12:00:00";"Bo Lund";"21.05.2024 12:00:00";"";"Закрыто и не реализовано";"Продажи";"Борис";"Куб";"Ann Ray";""
"""
KOMMO_STATUS = KOMMO.replace("Lead stage", "Lead status")
PIPEDRIVE_VALUE = PIPEDRIVE.replace("Deal - Value", "Deal - Deal value").replace(
    "Deal - Deal created", "Deal - Deal created on"
)


@pytest.mark.parametrize(
    "text",
    [ZOHO, HUBSPOT, PIPEDRIVE, AMOCRM, KOMMO, AMOCRM_WHOLE, KOMMO_STATUS, PIPEDRIVE_VALUE],
    ids=["zoho", "hubspot", "pipedrive", "amocrm", "kommo", "amocrm-whole", "kommo-status",
         "pipedrive-value"],
)  # fmt: skip
def test_deals_of_other_tools(tmp_path: Path, text: str) -> None:
    """Won deals are found with their amount, owner and both dates, with no field declared."""
    plan = """\
        kpictl: 1
        company: {currency: EUR}
        sources: {crm: {type: csv, deals: deals.csv}}
        kpis:
          revenue: {from: deals, sum: amount, where: won, when: closed_at}
          created: {from: deals, count: rows, when: created_at}
        """
    found = compute(tmp_path, plan, {"deals.csv": text})
    assert found.of("revenue") == WON
    assert sum(v for v in found.of("created").values() if isinstance(v, Decimal)) == (
        3 if text in (PIPEDRIVE, PIPEDRIVE_VALUE) else 2
    )


JIRA = """\
Summary,Issue key,Issue id,Issue Type,Status,Project key,Priority,Resolution,Assignee,Reporter,Creator,Created,Updated,Resolved,Due date,Custom field (Story Points)
Fix it,AB-1,10001,Bug,Done,AB,High,Done,Ann Ray,Bo Lund,Bo Lund,2024-05-02 10:00,2024-05-20 12:00,2024-05-20 12:00,,5
Try it,AB-2,10002,Task,To Do,AB,Low,,Bo Lund,Bo Lund,Bo Lund,2024-05-03 10:00,2024-05-03 10:00,,,3
"""
ZENDESK = """\
Id,Requester,Requester id,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,Assigned at,Organization,Due at,Initially assigned at,Solved at,Resolution time
1,Luch,77,Ann Ray,Support,Help,a b,Solved,High,Web,Problem,2024-05-02 10:00,2024-05-20 12:00,2024-05-02 11:00,Luch,,2024-05-02 11:00,2024-05-20 12:00,434
2,Kub,78,Bo Lund,Support,Help,,Open,Low,Web,Problem,2024-05-03 10:00,2024-05-03 10:00,2024-05-03 11:00,Kub,,2024-05-03 11:00,,
"""
FRESHDESK = """\
Ticket ID,Subject,Status,Priority,Source,Type,Agent,Group,Created time,Due by Time,Resolved time,Closed time,Last update time,Agent interactions,Tags
1,Help,Closed,High,Email,Question,Ann Ray,Support,2024-05-02 10:00:00,2024-05-04 10:00:00,2024-05-20 12:00:00,2024-05-21 12:00:00,2024-05-21 12:00:00,3,a
2,Help,Open,Low,Email,Question,Bo Lund,Support,2024-05-03 10:00:00,2024-05-05 10:00:00,,,2024-05-03 10:00:00,1,
"""
HUBSPOT_TICKETS = """\
Ticket ID,Ticket name,Pipeline,Ticket status,Create date,Close date,Priority,Ticket owner,Source
1,Help,Support Pipeline,Closed,2024-05-02 10:00,2024-05-20 12:00,High,Ann Ray,Email
2,Help,Support Pipeline,New,2024-05-03 10:00,,Low,Bo Lund,Email
"""


@pytest.mark.parametrize("name", ["tickets", "issues", "обращения"])
@pytest.mark.parametrize(
    "text",
    [JIRA, ZENDESK, FRESHDESK, HUBSPOT_TICKETS],
    ids=["jira", "zendesk", "freshdesk", "hubspot"],
)
def test_tickets_of_other_tools(tmp_path: Path, text: str, name: str) -> None:
    """An entity of the plan's own, whatever it is called, knows owner, id and dates of its tool."""
    plan = f"""\
        kpictl: 1
        sources: {{desk: {{type: csv, {name}: tickets.csv}}}}
        kpis:
          closed: {{from: {name}, count: rows, when: closed_at}}
          opened: {{from: {name}, count: rows, where: "stage is not null", when: created_at}}
        """
    found = compute(tmp_path, plan, {"tickets.csv": text})
    assert found.of("closed") == {"Ann Ray": 1, "Bo Lund": 0}
    assert found.of("opened") == {"Ann Ray": 1, "Bo Lund": 1}


JIRA_RU = """\
Тема;Ключ проблемы;Идентификатор;Тип задачи;Статус;Приоритет;Исполнитель;Автор;Создатель;Создано;Обновлено;Дата решения;Пользовательское поле (Story Points)
Починить;AB-1;10001;Ошибка;Готово;Высокий;Ann Ray;Bo Lund;Bo Lund;02.05.2024 10:00;20.05.2024 12:00;20.05.2024 12:00;5,0
Проверить;AB-2;10002;Задача;Сделать;Низкий;Bo Lund;Bo Lund;Bo Lund;03.05.2024 10:00;03.05.2024 10:00;;3,0
"""
JIRA_CLOUD = JIRA.replace("(Story Points)", "(Story point estimate)")


@pytest.mark.parametrize("text", [JIRA, JIRA_RU, JIRA_CLOUD], ids=["en", "ru", "cloud"])
@pytest.mark.parametrize("name", ["tasks", "issues"])
def test_points_of_jira(tmp_path: Path, text: str, name: str) -> None:
    """Issues are read in either language, as tasks or under a name of one's own; points add up."""
    points = "sum: amount," if name == "issues" else "count: rows,"
    plan = f"""\
        kpictl: 1
        sources: {{desk: {{type: csv, {name}: t.csv}}}}
        kpis: {{done: {{from: {name}, {points} when: closed_at}}}}
        """
    found = compute(tmp_path, plan, {"t.csv": text}).of("done")
    assert found == {"Ann Ray": 5 if name == "issues" else 1, "Bo Lund": 0}


ZOHO_LEADS = """\
Record Id,Lead Owner.id,Lead Owner,Is Converted,Company,First Name,Last Name,Email,Phone,Lead Source,Lead Status,Created Time,Modified Time
zcrm_5543000018001,zcrm_77,Ann Ray,true,Luch,Zoe,Orr,zoe@example.com,,Web Site,Contacted,2024-05-02 10:00:00,2024-05-20 12:00:00
zcrm_5543000018002,zcrm_78,Bo Lund,false,Kub,Hal,Ito,hal@example.com,,Chat,Junk Lead,2024-05-03 10:00:00,2024-05-21 12:00:00
"""
PIPEDRIVE_LEADS = """\
Lead - ID,Lead - Title,Lead - Value,Lead - Currency of Value,Lead - Owner,Lead - Creator,Lead - Organization,Lead - Contact person,Lead - Lead created on,Lead - Update time,Lead - Source
b1e2c3d4-0001,Pumps,1500,EUR,Ann Ray,Bo Lund,Luch,Zoe Orr,2024-05-02 10:00:00,2024-05-20 12:00:00,Web visitors
b1e2c3d4-0002,Pipes,700,EUR,Bo Lund,Bo Lund,Kub,Hal Ito,2024-05-03 10:00:00,2024-05-21 12:00:00,Manually created
"""


@pytest.mark.parametrize(
    "text",
    [ZOHO_LEADS, PIPEDRIVE_LEADS, PIPEDRIVE_LEADS.replace("created on", "created")],
    ids=["zoho", "pipedrive", "pipedrive-older"],
)
def test_leads_of_other_tools(tmp_path: Path, text: str) -> None:
    """Leads are whose they are, when they were made: with no field declared."""
    plan = """\
        kpictl: 1
        sources: {crm: {type: csv, leads: leads.csv}}
        kpis:
          made: {from: leads, count: rows, when: created_at}
          web: {from: leads, count: rows, where: "source in ('Web Site', 'Web visitors')", when: created_at}
        """
    found = compute(tmp_path, plan, {"leads.csv": text})
    assert found.of("made") == {"Ann Ray": 1, "Bo Lund": 1}
    assert found.of("web") == {"Ann Ray": 1, "Bo Lund": 0}


def test_tasks_of_jira(tmp_path: Path) -> None:
    """Issues read as tasks have the fields of tasks."""
    plan = """\
        kpictl: 1
        sources: {desk: {type: csv, tasks: tasks.csv}}
        kpis: {closed: {from: tasks, count: rows, when: closed_at}}
        """
    assert compute(tmp_path, plan, {"tasks.csv": JIRA}).of("closed") == {"Ann Ray": 1, "Bo Lund": 0}


def test_columns_keep_the_name_of_their_caption(tmp_path: Path) -> None:
    """What a plan calls by its caption is found, though a tool's field has taken the column."""
    plan = """\
        kpictl: 1
        sources: {desk: {type: csv, tickets: {path: t.csv, fields: {who: {column: Agent, type: person}}}}}
        kpis: {n: {from: tickets, count: rows, where: status = 'Closed', when: resolved_time, by: who}}
        """
    assert compute(tmp_path, plan, {"t.csv": FRESHDESK}).of("n") == {"Ann Ray": 1, "Bo Lund": 0}


def column(name: str, header: str) -> str | None:
    """Return the caption of the column that is a field of deals."""
    captions = header.split(";")
    from kpictl.plan.sources import Table

    places = match(entity("deals"), Table(path="x"), captions).columns.get(name)
    return None if places is None else captions[places[0]]


def test_no_wrong_column_wins() -> None:
    """The own captions of a portal's export come first; a lone caption of a tool proves nothing."""
    portal = "ID;Название сделки;Стадия сделки;Сумма;Валюта;Ответственный;Дата создания"
    assert column("amount_original", f"Бюджет;{portal};Этап сделки") == "Сумма"
    assert column("stage", f"Этап сделки;{portal}") == "Стадия сделки"
    no_amount = portal.replace("Сумма;", "")
    assert column("amount_original", f"{no_amount};Deal - Value") is None
    assert column("amount_original", f"{no_amount};Бюджет;Воронка") is None
    assert column("close_date", "ID;Deal Owner;Stage;Closing Date;Close Date") == "Close Date"
