"""The key to a portal: an incoming webhook, or the tokens of an application (OAuth).

A key is never shown: `repr` has the host alone, and whatever is secret is registered to be hidden.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kpictl.bitrix24.rest.addresses import is_safe, shown_host, split
from kpictl.bitrix24.rest.credentials import FILE, environment
from kpictl.bitrix24.rest.responses import Fault, Retry
from kpictl.bitrix24.rest.tokens import Fetch, TokenFile, Tokens, grant_of, refresh
from kpictl.errors import UsageError
from kpictl.masking import hide

__all__ = ["AUTHORIZATION_SERVER", "Access", "OAuth", "Webhook", "environment", "find"]

AUTHORIZATION_SERVER = "https://oauth.bitrix.info/oauth/token/"
WEBHOOK = "BITRIX24_WEBHOOK_URL"
PORTAL = "BITRIX24_PORTAL"
CLIENT_ID = "BITRIX24_CLIENT_ID"
CLIENT_SECRET = "BITRIX24_CLIENT_SECRET"  # noqa: S105  the name of a variable
REFRESH_TOKEN = "BITRIX24_REFRESH_TOKEN"  # noqa: S105  the name of a variable
SERVER = "BITRIX24_AUTHORIZATION_SERVER"

_HOOK = re.compile(r"/rest/(?:api/)?(\d+)/([^/\s]+)(?:/.*)?")


class Access(Protocol):
    """What the wire needs of a key."""

    @property
    def host(self) -> str:
        """The portal, as it may be shown."""
        ...

    @property
    def base(self) -> str:
        """The address that a method's name is appended to. May hold the key."""
        ...

    @property
    def renewable(self) -> bool:
        """Whether a new token can take the place of one that has expired."""
        ...

    @property
    def generation(self) -> int:
        """Grows with each new token: 0 as long as there is none yet to try."""
        ...

    def body(self, extra: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a call with what proves who we are."""
        ...

    def renew(self, seen: int, fetch: Fetch) -> Fault | None:
        """Get a new token in place of that of generation `seen`; None when there is one now."""
        ...


@dataclass(frozen=True, slots=True)
class Webhook:
    """An incoming webhook, from its address as Bitrix24 shows it, with or without a method behind.

    UsageError where the address is not encrypted or is no webhook's.
    """

    url: str = field(repr=False)
    host: str = field(init=False)
    base: str = field(init=False, repr=False)
    generation: int = field(default=1, init=False, repr=False)
    renewable: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        hide(self.url.strip())
        root, path = _root(self.url)
        match = _HOOK.fullmatch(path)
        if match is None:
            raise UsageError("portal.not_webhook", host=shown_host(root))
        hide(match[2])
        object.__setattr__(self, "host", shown_host(root))
        object.__setattr__(self, "base", f"{root}/rest/{match[1]}/{match[2]}/")

    def body(self, extra: Mapping[str, Any]) -> dict[str, Any]:
        return dict(extra)

    def renew(self, seen: int, fetch: Fetch) -> Fault | None:  # noqa: ARG002  as in Access
        """Say that a webhook that has expired is not to be renewed from here."""
        return Fault("expired_token", "", Retry.NEVER, 401)


@dataclass(eq=False)
class OAuth:
    """An application's grant. `portal` is a host or an address.

    Tokens are taken from `token_file` where it descends from `refresh_token` (or none is given),
    else from `refresh_token`, and are kept in the file. They are refreshed only when the portal
    says that they have expired. UsageError where an address is not encrypted, or where there is
    no token to begin with.
    """

    portal: str
    client_id: str
    client_secret: str = field(repr=False)
    token_file: Path
    refresh_token: str | None = field(default=None, repr=False)
    authorization_server: str = AUTHORIZATION_SERVER
    renewable: bool = field(default=True, init=False, repr=False)
    _file: TokenFile = field(init=False, repr=False)
    _tokens: Tokens = field(init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _generation: int = field(default=0, init=False, repr=False)
    _final: Fault | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        hide(self.client_secret)
        root, _ = _root(self.portal if "://" in self.portal else f"https://{self.portal}")
        _root(self.authorization_server)
        self._file = TokenFile(self.token_file)
        grant = grant_of(self.refresh_token) if self.refresh_token else ""
        stored = self._file.read()
        if stored is not None and grant in ("", stored.grant):
            self._adopt(stored)
        elif self.refresh_token:
            self._tokens = Tokens("", self.refresh_token, f"{root}/rest/", grant)
        else:
            raise UsageError("portal.no_token", name=REFRESH_TOKEN, file=str(self.token_file))

    @property
    def host(self) -> str:
        return shown_host(self._tokens.endpoint)

    @property
    def base(self) -> str:
        return self._tokens.endpoint

    @property
    def generation(self) -> int:
        return self._generation

    def body(self, extra: Mapping[str, Any]) -> dict[str, Any]:
        return {**extra, "auth": self._tokens.access}

    def renew(self, seen: int, fetch: Fetch) -> Fault | None:
        """Refresh once, however many threads and processes are waiting for it."""
        with self._lock:
            if self._generation != seen:
                return None
            if self._final is not None:
                return self._final
            with self._file.locked():
                stored = self._file.read()
                if stored is not None and self._is_newer(stored):
                    self._adopt(stored)
                    return None
                return self._refresh(fetch)

    def _is_newer(self, stored: Tokens) -> bool:
        """Say whether another process has refreshed the same grant meanwhile."""
        return stored.grant == self._tokens.grant and stored.access != self._tokens.access

    def _refresh(self, fetch: Fetch) -> Fault | None:
        application = {"client_id": self.client_id, "client_secret": self.client_secret}
        with self._file.replacing() as write:
            fresh = refresh(fetch, self.authorization_server, application, self._tokens)
            if isinstance(fresh, Fault):
                self._final = fresh if fresh.retry is Retry.NEVER else None
                return fresh
            write(fresh)
        self._adopt(fresh)
        return None

    def _adopt(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._generation += 1


def find(folder: Path, env: Mapping[str, str], webhook: str | None = None) -> Access:
    """Return the key that the plan or the environment gives; the tokens of OAuth are kept in
    `folder`/.kpictl. `env` is best made by `environment`.

    UsageError where there is no key, or half of one.
    """
    address = webhook or env.get(WEBHOOK)
    if address:
        return Webhook(address)
    needed = (PORTAL, CLIENT_ID, CLIENT_SECRET)
    missing = [name for name in needed if not env.get(name)]
    if len(missing) == len(needed):
        raise UsageError("portal.no_key", name=WEBHOOK, file=str(folder / FILE))
    if missing:
        raise UsageError("portal.half_a_key", missing=", ".join(missing))
    name = re.sub(r"[^\w.-]+", "-", env[PORTAL].partition("://")[2] or env[PORTAL]).strip("-")
    return OAuth(
        env[PORTAL],
        env[CLIENT_ID],
        env[CLIENT_SECRET],
        folder / ".kpictl" / f"oauth-{name}.json",
        env.get(REFRESH_TOKEN),
        env.get(SERVER) or AUTHORIZATION_SERVER,
    )


def _root(address: str) -> tuple[str, str]:
    """Return scheme and host of an address, and its path; UsageError where no key may go there."""
    try:
        parts = split(address.strip())
        host, safe = shown_host(address.strip()), is_safe(address.strip())
    except ValueError:
        raise UsageError("portal.no_address") from None
    if not host:
        raise UsageError("portal.no_address")
    if not safe or "@" in parts.netloc:
        raise UsageError("portal.not_https", host=host)
    return f"{parts.scheme}://{host}", parts.path
