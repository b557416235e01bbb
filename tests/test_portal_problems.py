"""Every no of a portal as its reader sees it: what went wrong, why it matters, what to do next."""

from __future__ import annotations

import re

import pytest

from kpictl.bitrix24.rest import problems
from kpictl.bitrix24.rest.client import Fault, PortalError, Retry
from kpictl.bitrix24.rest.problems import problem_of
from kpictl.cli.problems import message, render
from kpictl.words import LANGUAGES, table
from kpictl.words.en import portal as english
from wires import HOST, KEY


def fault(code: str, detail: str = "", status: int | None = None, **more: str) -> Fault:
    return Fault(code, detail, Retry.NEVER, status, **more)  # type: ignore[arg-type]


def shown(error: PortalError, lang: str = "ru", needed_by: str | None = "revenue") -> str:
    found = problem_of(error, source="crm", needed_by=needed_by)
    return render([found], lang, sources={}, color=False, width=100)


@pytest.mark.parametrize(
    ("one", "method", "code", "words"),
    [
        (fault("NO_AUTH_FOUND"), "scope", "portal.key", "Входящий вебхук"),
        (fault("INVALID_CREDENTIALS"), "scope", "portal.key", HOST),
        (fault("invalid_token"), "scope", "portal.key", "BITRIX24_WEBHOOK_URL"),
        (fault("insufficient_scope"), "crm.item.list", "portal.scope", "«CRM (crm)»"),
        (fault("insufficient_scope"), "user.get", "portal.scope", "«Пользователи (user)»"),
        (fault("insufficient_scope"), "department.get", "portal.scope", "(department)»"),
        (fault("insufficient_scope"), "tasks.task.list", "portal.scope", "«Задачи (task)»"),
        (fault("insufficient_scope"), "voximplant.statistic.get", "portal.scope", "(telephony)»"),
        (fault("insufficient_scope"), "im.notify", "portal.scope", "«im»"),
        (fault("ACCESS_DENIED", "Access denied!"), "voximplant.statistic.get", "portal.right",
         "«Статистика звонков: просмотр»"),
        (fault("ACCESS_DENIED", "Access denied."), "crm.type.list", "portal.right",
         "«Разрешить изменять настройки»"),
        (fault("ACCESS_DENIED", "Access denied."), "crm.item.list", "portal.right", "чтение"),
        (fault("ACCESS_DENIED", "Access denied."), "user.get", "portal.right", "администратора"),
        (fault("ACCESS_DENIED", "REST API is available only on commercial plans"), "user.get",
         "portal.tariff", "тариф"),
        (fault("allowed_only_intranet_user"), "crm.item.list", "portal.outsider", "сотрудник"),
        (fault("user_access_error"), "scope", "portal.not_for_user", "администратор"),
        (fault("WRONG_AUTH_TYPE"), "event.get", "portal.wrong_auth", "OAuth"),
        (fault("OVERLOAD_LIMIT"), "batch", "portal.overload", "поддержка"),
        (fault("PORTAL_DELETED"), "batch", "portal.deleted", "закрыт или удалён"),
        (fault("ERROR_METHOD_NOT_FOUND"), "crm.item.list", "portal.no_method", "crm.item.list"),
        (fault("moved", host="vasilek.ru"), "batch", "portal.moved", "vasilek.ru"),
        (fault("no_connection", "Name or service not known"), "batch", "portal.no_connection",
         "Name or service not known"),
        (fault("tls", "expired"), "batch", "portal.tls", "SSL_CERT_FILE"),
        (fault("timeout"), "batch", "portal.timeout", "3 попытки"),
        (fault("dropped"), "batch", "portal.dropped", "обрывается"),
        (fault("html"), "batch", "portal.no_data", "в браузере"),
        (fault("http_404", "HTML", 404), "batch", "portal.no_portal", "не портал"),
        (Fault("http_502", "", Retry.SOON, 502), "batch", "portal.server", "http_502"),
        (fault("INTERNAL_SERVER_ERROR", "oops"), "batch", "portal.server", "oops"),
        (fault("QUERY_LIMIT_EXCEEDED"), "batch", "portal.busy", "другие программы"),
        (fault("OPERATION_TIME_LIMIT"), "user.get", "portal.method_time", "десять минут"),
        (fault("invalid_grant"), "user.get", "portal.grant", "BITRIX24_REFRESH_TOKEN"),
        (fault("invalid_client"), "user.get", "portal.application", "BITRIX24_CLIENT_SECRET"),
        (fault("PAYMENT_REQUIRED"), "user.get", "portal.payment", "продлите"),
        (fault("INVALID_ARG_VALUE", "no field x"), "crm.item.list", "portal.refused", "no field x"),
    ],
)  # fmt: skip
def test_each_no_says_what_to_do(one: Fault, method: str, code: str, words: str) -> None:
    """The right text, filled to the last slot, with its reason and a next step, in each language."""
    error = PortalError(one, method, host=HOST, attempts=3)
    problem = problem_of(error, source="crm", needed_by="revenue")
    assert problem.code == code
    text = shown(error)
    assert words in re.sub(r"\s+", " ", text)
    for lang in LANGUAGES:
        text = shown(error, lang)
        assert not re.search(r"[{}]", text)
        assert text.count("KPI revenue") == 1
        assert len(text.splitlines()) >= 2
        without = shown(error, lang, needed_by=None)
        assert "KPI revenue" not in without
        assert message(problem, lang) in re.sub(r"\s+", " ", without)
        assert len(without.splitlines()) >= 2


def test_every_text_has_its_occasion() -> None:
    """No text of a portal is never said, and no code is said without text and next step."""
    said = set(problems._TEXTS.values())  # noqa: SLF001
    usage = {"no_key", "half_a_key", "no_token", "open_file", "not_https", "not_webhook",
             "no_address", "proxy"}  # fmt: skip
    said |= {f"portal.{name}" for name in (*usage, "no_type")}
    texts = {key for key in english.TEXTS if not key.endswith(".hint")}
    assert said == texts
    by_key = {"portal.proxy"}  # the next step depends on what is wrong with it
    assert {f"{code}.hint" for code in texts - by_key} <= set(english.TEXTS)
    for scope in problems._SCOPES.values():  # noqa: SLF001
        assert f"portal.scope.{scope}_needed.hint" in table("ru")
    for right in problems._RIGHTS.values():  # noqa: SLF001
        assert f"portal.right.{right}_needed.hint" in table("ru")


def test_a_fault_without_a_portal_names_the_source() -> None:
    """Where only a command's fault is at hand, the source of the plan stands for the portal."""
    text = shown(PortalError(fault("NO_AUTH_FOUND"), "scope"))
    assert "портал crm не принимает ключ" in text


def test_no_problem_shows_the_key() -> None:
    """What a portal writes into its error is shown without the key in it."""
    from kpictl.bitrix24.rest.access import Webhook
    from kpictl.bitrix24.rest.responses import refusal

    Webhook(f"https://{HOST}/rest/7/{KEY}/")
    detail = {"error": "X", "error_description": f"see https:\\/\\/p\\/rest\\/7\\/{KEY}\\/ {KEY}"}
    text = shown(PortalError(refusal(detail), "crm.item.list"))
    assert "•••" in text
    assert KEY not in text
