"""A portal's portrait: what a plan can be drafted from. Two requests, and not a record is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from kpictl.bitrix24.rest import methods
from kpictl.bitrix24.rest.batching import BatchSender, courier_of
from kpictl.bitrix24.rest.keyset_paging import Once
from kpictl.bitrix24.sync import reference
from kpictl.errors import SourceError

if TYPE_CHECKING:
    from kpictl.bitrix24.rest.client import Client, Wait
    from kpictl.bitrix24.rest.rate_limit import Clock
    from kpictl.bitrix24.sync.reference import Reference
    from kpictl.store import FieldDescription

VARIABLE = "BITRIX24_WEBHOOK_URL"
ASKED = ("deals", "leads")
LATEST = 4  # pages of the latest deals, to see whose they are
_SALES = re.compile(r"прода|сбыт|коммерч|sales|account|business dev", re.IGNORECASE)
# The portal's offset from UTC, hours → a zone that keeps it, unless the users say better.
_ZONES = {
    0: "Europe/London", 1: "Europe/Berlin", 2: "Europe/Kaliningrad", 3: "Europe/Moscow",
    4: "Europe/Samara", 5: "Asia/Yekaterinburg", 6: "Asia/Omsk", 7: "Asia/Krasnoyarsk",
    8: "Asia/Irkutsk", 9: "Asia/Yakutsk", 10: "Asia/Vladivostok", -5: "America/New_York",
}  # fmt: skip
_BY_CURRENCY = {"KZT": "Asia/Almaty", "UZS": "Asia/Tashkent", "BYN": "Europe/Minsk"}


class Department(Struct, frozen=True):
    """A department with somebody in it; `deals` are those of the latest that its people own."""

    id: str
    name: str
    people: int
    deals: int

    @property
    def sells(self) -> bool:
        return self.deals > 0 or bool(_SALES.search(self.name))


class Pipeline(Struct, frozen=True):
    """A pipeline of deals; `stages` are (caption, S or F or "") in their order."""

    name: str
    stages: tuple[tuple[str, str], ...]


class PortalSummary(Struct, frozen=True):
    """What a portal is like. `zone` is a guess; `fields` are the custom ones, by entity; `webhook`
    says that its key is one, not an application's."""

    host: str
    webhook: bool = True
    company: str = ""
    currency: str | None = None
    zone: str = "UTC"
    user: str = ""
    admin: bool = True
    scopes: tuple[str, ...] = ()
    has_leads: bool = True
    departments: tuple[Department, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    fields: Mapping[str, tuple[FieldDescription, ...]] = {}

    @property
    def language(self) -> str | None:
        """Return the language of the portal's names, by their letters; None: it has no names."""
        names = (
            self.company,
            *(d.name for d in self.departments),
            *(p.name for p in self.pipelines),
        )
        letters = [c for name in names for c in name if c.isalpha()]
        russian = sum(1 for c in letters if "\u0400" <= c <= "\u04ff")
        return None if not letters else "ru" if russian * 2 > len(letters) else "en"


def portray(
    folder: Path,
    environment: Mapping[str, str],
    clock: Clock,
    on_wait: Callable[[Wait], None] | None = None,
) -> PortalSummary:
    """Ask the portal whose key stands in the environment, or in `.env` in the folder. `on_wait`
    hears of each pause, and why it is made.

    UsageError when there is no key, SourceError when the portal does not answer.
    """
    from kpictl.bitrix24.rest import access
    from kpictl.bitrix24.rest.client import Client, PortalError
    from kpictl.bitrix24.rest.problems import problem_of
    from kpictl.bitrix24.rest.transport import Wire

    completed = access.environment(folder, environment)
    key = access.find(folder, completed)
    wire = Wire(key)
    try:
        portrait = ask(Client(wire, clock=clock, on_wait=on_wait), clock, key.host)
    except PortalError as error:
        raise SourceError([problem_of(error, source="init", needed_by=None)]) from None
    finally:
        wire.close()
    return replace(portrait, webhook=VARIABLE in completed)


def ask(client: Client, clock: Clock, host: str) -> PortalSummary:
    """Ask a portal what it is like. PortalError when it does not answer, or shows no deals."""
    from kpictl.bitrix24.rest.client import PortalError

    courier = courier_of(client, clock, client.on_wait)
    server = reference.ServerClock(clock, lambda: client.told)
    found = reference.ask(courier, server, ASKED, {})
    if "deals" in found.refused:  # a plan without them would be of nobody's portal
        method, fault = found.refused["deals"]
        raise PortalError(fault, method, host=host)
    owners = _owners(courier, found)
    rows = found.rows
    leads = found.extents.get("leads")
    return PortalSummary(
        host,
        True,
        _company(rows.get("departments", ())),
        found.facts.get("base_currency"),
        _zone(found),
        found.facts.get("user", ""),
        found.facts.get("admin") != "N",
        tuple(s for s in found.facts.get("scopes", "").split(",") if s),
        bool(leads and leads.total),
        tuple(_departments(rows.get("departments", ()), rows.get("users", ()), owners)),
        tuple(_pipelines(rows.get("categories", ()), rows.get("statuses", ()))),
        {e: _custom(found.described.get(e, ())) for e in ASKED},
    )


def _owners(courier: BatchSender, found: Reference) -> Counter[str]:
    """Return who owns the latest deals; {} when they cannot be seen."""
    listing = found.listings.get("deals")
    if listing is None or "deals" in found.refused:
        return Counter()
    owner = "assignedById" if listing.method == "crm.item.list" else "ASSIGNED_BY_ID"
    params = listing.params((listing.id, owner), {}, counted=True, newest=True)
    pages = [
        Once(f"latest{n}", listing.method, {**params, "start": n * methods.PAGE})
        for n in range(LATEST)
    ]
    courier.run(pages)
    result = [row for page in pages for row in listing.found(page.result) or ()]
    return Counter({str(row.get(listing.id)): str(row.get(owner)) for row in result}.values())


def _company(departments: Sequence[Mapping[str, Any]]) -> str:
    """Return the name of the department above all others, which is usually the company's."""
    top = [row for row in departments if not _number(row.get("PARENT"))]
    return str(top[0].get("NAME") or "").strip() if top else ""


def _zone(found: Reference) -> str:
    zones = Counter(str(row.get("TIME_ZONE") or "") for row in found.rows.get("users", ()))
    for zone, _ in zones.most_common():
        if _is_zone(zone):
            return zone
    currency = found.facts.get("base_currency", "")
    offset = found.server.zone.utcoffset(None) or timedelta()
    return _BY_CURRENCY.get(currency) or _ZONES.get(round(offset / timedelta(hours=1)), "UTC")


def _is_zone(name: str) -> bool:
    if "/" not in name:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _departments(
    rows: Iterable[Mapping[str, Any]], users: Iterable[Mapping[str, Any]], owners: Counter[str]
) -> Iterable[Department]:
    """Yield the departments in which somebody works, those with the most deals first."""
    people: Counter[str] = Counter()
    deals: Counter[str] = Counter()
    for user in users:
        home = _home(user.get("UF_DEPARTMENT"))
        deals[home] += owners[str(user.get("ID"))]
        if user.get("ACTIVE") in (True, "Y", "true", "1", 1):
            people[home] += 1
    found = [
        Department(ident, name, people[ident], deals[ident])
        for row in rows
        if people[ident := str(row.get("ID"))] and (name := str(row.get("NAME") or "").strip(" "))
    ]
    return sorted(found, key=lambda d: (-d.deals, not d.sells, d.id.zfill(9)))


def _home(delivered: Any) -> str:
    """Return the department that a user is scored in: the first that is named."""
    first = delivered[0] if isinstance(delivered, list) and delivered else delivered
    return _number(first)


def _number(delivered: Any) -> str:
    return "" if delivered in (None, "", "0", 0, False, []) else str(delivered)


def _pipelines(
    categories: Iterable[Mapping[str, Any]], statuses: Iterable[Mapping[str, Any]]
) -> Iterable[Pipeline]:
    """Yield the pipelines of deals, each with its stages."""
    stages: dict[str, list[Mapping[str, Any]]] = {}
    for row in statuses:
        stages.setdefault(str(row.get("ENTITY_ID")), []).append(row)
    deals = [row for row in categories if str(row.get("entityTypeId")) == str(methods.DEALS)]
    for row in sorted(deals, key=_sort):
        ident = _number(row.get("id"))
        of = stages.get(f"DEAL_STAGE_{ident}" if ident else "DEAL_STAGE", [])
        named = [(str(s.get("NAME") or ""), _semantics(s)) for s in sorted(of, key=_sort)]
        yield Pipeline(str(row.get("name") or ""), tuple(named))


def _sort(row: Mapping[str, Any]) -> int:
    return methods.whole(row.get("SORT", row.get("sort")))


def _semantics(status: Mapping[str, Any]) -> str:
    extra = status.get("EXTRA")
    known = extra.get("SEMANTICS") if isinstance(extra, Mapping) else None
    value = str(status.get("SEMANTICS") or known or "")
    return {"success": "S", "failure": "F", "apology": "F"}.get(
        value, value if value in "SF" else ""
    )


def _custom(described: Iterable[FieldDescription]) -> tuple[FieldDescription, ...]:
    return tuple(one for one in described if one.code.upper().startswith("UF_"))
