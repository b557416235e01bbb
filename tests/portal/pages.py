"""Answers, and those of what stands before the portal: web servers' pages, logins, redirects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

JSON = {"Content-Type": "application/json; charset=utf-8"}
HTML = {"Content-Type": "text/html; charset=UTF-8"}
OTHER_HOST = "https://new-name.bitrix24.example"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and what happens to it on the wire: `dropped`, `cut`, `slow` or nothing."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    harm: str = ""


def page(kind: str, address: str, path: str) -> Reply | None:
    """Return the whole answer of a fault; None when the request is to run first."""
    if kind in _ERRORS:
        status, code, text = _ERRORS[kind]
        body = f'{{"error":"{code}","error_description":"{text}"}}'
        return Reply(status, JSON, body.encode())
    if kind in _HTML:
        status, title = _HTML[kind]
        body = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>{title}</body>\r\n</html>"
        return Reply(status, HTML, body.encode())
    if kind in {"redirect", "moved"}:
        base = OTHER_HOST if kind == "moved" else f"{address}/moved"
        target = base + path.removeprefix("/moved")
        return Reply(302, {**HTML, "Location": target}, b"")
    return None


_ERRORS: Mapping[str, tuple[int, str, str]] = {
    "query_limit": (503, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
    "http_500": (500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    "overload": (503, "OVERLOAD_LIMIT", "REST API is blocked due to overload"),
    "portal_deleted": (500, "PORTAL_DELETED", "Portal was deleted"),
    "expired_token": (401, "expired_token", "The access token provided has expired"),
}
_HTML: Mapping[str, tuple[int, str]] = {
    "http_502": (502, "502 Bad Gateway"),
    "http_504": (504, "504 Gateway Time-out"),
    "login_page": (200, "Авторизация — Битрикс24"),
}
