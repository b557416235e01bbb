"""Look-ups over a portal: what is pulled for them, and whose the records are then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpictl.cli import app
from plans import Computed
from portal import START, Portal, World

AS_OF = datetime.fromtimestamp(START, UTC)
PERIOD = "2024-01-01..2024-05-31"
PLAN = """\
kpictl: 1
company: {timezone: Europe/Moscow}
sources:
  crm:
    type: bitrix24
    webhook: "${BITRIX24_WEBHOOK_URL}"
    fields:
      deals:
        account_manager: {from: companies, key: company_id = id, take: owner_id}
        marketer: {from: campaigns, key: utm_campaign = code, take: owner}
  ads:
    type: csv
    campaigns: {path: c.csv, fields: {owner: {column: marketer, type: person}}}
kpis:
  managed: {from: deals, count: rows, when: created_at, by: account_manager}
  marketed: {from: deals, count: rows, when: created_at, by: marketer}
"""


@dataclass
class Way:
    """A plan beside what was pulled for it, and the portal that it came from."""

    folder: Path
    portal: Portal

    def run(self, *words: str) -> tuple[int, str]:
        environment = {"BITRIX24_WEBHOOK_URL": self.portal.webhook}
        config = ["--config", str(self.folder / "kpi.yaml"), "--lang", "en"]
        done = CliRunner().invoke(app, [words[0], *config, *words[1:]], env=environment)
        return done.exit_code, done.output

    def computed(self) -> Computed:
        import kpictl

        environment = {"BITRIX24_WEBHOOK_URL": self.portal.webhook}
        plan = self.folder / "kpi.yaml"
        return Computed(kpictl.compute(plan, period=PERIOD, as_of=AS_OF, environment=environment))


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("looks")
    (folder / "kpi.yaml").write_text(PLAN, "utf-8")
    (folder / "c.csv").write_text("code;marketer\nвесна_2024;Юлия Рей\n", "utf-8")
    portal = Portal(World.sample(2, deals=60))
    with portal.serve(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("kpictl.cli.clock.SystemClock", lambda: portal.clock)
        yield Way(folder, portal)


def test_what_is_looked_up_is_asked_for_pulled_and_counted(way: Way) -> None:
    """Deals alone are not enough, which is said with the name of what is missing; a pull brings the
    companies that no KPI reads itself, and then each deal is its company's owner's, or the
    marketer's of its campaign."""
    assert way.run("pull", "--only", "deals")[0] == 0
    code, said = way.run("compute", "-p", PERIOD)
    assert code == 4
    assert "companies" in said
    code, said = way.run("pull")
    assert code == 0, said
    found, world = way.computed(), way.portal.world
    owners = {row["ID"]: row["ASSIGNED_BY_ID"] for row in world["companies"]}
    names = {row["ID"]: f"{row['NAME']} {row['LAST_NAME']}" for row in world["users"]}
    deals = [row for row in world["deals"] if "2024-01-01" <= row["DATE_CREATE"] < "2024-06-01"]
    managed = Counter(names.get(owners.get(row["COMPANY_ID"])) for row in deals)
    managed.pop(None, None)
    assert len(managed) > 2
    shown = {name: value for name, value in found.of("managed").items() if value}
    assert shown == dict(managed)
    marketed = sum(row["UTM_CAMPAIGN"] == "весна_2024" for row in deals)
    assert marketed > 0
    assert found.of("marketed")["Юлия Рей"] == marketed
