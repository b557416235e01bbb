"""OAuth tokens on disk, and getting new ones.

Each refresh brings a new refresh token in place of the old, so a lost one is a lost grant: the
file is written before a new token is used, beside and renamed, and under a lock that other
processes respect.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kpictl.bitrix24.rest.addresses import is_safe
from kpictl.bitrix24.rest.credentials import refuse_open
from kpictl.bitrix24.rest.responses import Fault, Reply, Retry, decoded, refusal
from kpictl.locking import locked
from kpictl.masking import hide
from kpictl.store import make_folder

Fetch = Callable[[str, Mapping[str, str]], Reply | Fault]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens. `grant` tells from which first refresh token they descend."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    endpoint: str = ""  # the portal's address as the authorization server knows it
    grant: str = ""

    def __post_init__(self) -> None:
        hide(self.access)
        hide(self.refresh)


def grant_of(refresh_token: str) -> str:
    """Return a mark of a refresh token that does not give it away."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def refresh(
    fetch: Fetch, server: str, application: Mapping[str, str], tokens: Tokens
) -> Tokens | Fault:
    """Ask the authorization server for new tokens. Only it ever gets the application's secret."""
    asked = {"grant_type": "refresh_token", **application, "refresh_token": tokens.refresh}
    reply = fetch(server, asked)
    data = reply if isinstance(reply, Fault) else decoded(reply)
    if isinstance(data, Fault):
        # What is no JSON is not the server's own word, whatever its status: a page of a proxy.
        return replace(data, retry=Retry.SOON) if data.code.startswith("http_") else data
    status = reply.status if isinstance(reply, Reply) else None
    if not isinstance(data, dict) or not (data.get("error") or data.get("access_token")):
        return Fault("bad_answer", "no token", Retry.SOON, status)
    if data.get("error"):
        fault = refusal(data, status)
        # Limits of a portal mean nothing here, and what has expired here has expired for good.
        final = fault.retry in (Retry.NEVER, Retry.REFRESH)
        return replace(fault, retry=Retry.NEVER if final else Retry.SOON)
    endpoint = str(data.get("client_endpoint") or "")
    if endpoint and not is_safe(endpoint):
        return Fault("bad_answer", "client_endpoint is not https", Retry.NEVER, status)
    refreshed = str(data.get("refresh_token") or tokens.refresh)
    where = (endpoint.rstrip("/") + "/") if endpoint else tokens.endpoint
    return Tokens(str(data["access_token"]), refreshed, where, tokens.grant)


class TokenFile:
    """Where the tokens of one grant are kept, readable by nobody else."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Tokens | None:
        """Return the tokens; None where there are none to be read. UsageError when others may
        read the file."""
        try:
            with self.path.open(encoding="utf-8") as file:
                refuse_open(file, self.path)
                data: Any = json.load(file)
            names = ("access_token", "refresh_token", "client_endpoint", "grant")
            return Tokens(*(str(data[name]) for name in names))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return None  # damaged: a refresh token of the environment makes a new one

    @contextmanager
    def replacing(self) -> Iterator[Callable[[Tokens], None]]:
        """Make ready to write, so that what can fail fails before a token is spent."""
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)

        def write(tokens: Tokens) -> None:
            data = {
                "access_token": tokens.access,
                "refresh_token": tokens.refresh,
                "client_endpoint": tokens.endpoint,
                "grant": tokens.grant,
            }
            file.write(json.dumps(data, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
            file.close()
            Path(name).replace(self.path)

        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                yield write
        finally:
            Path(name).unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file against other processes; waits for them. Makes its folder."""
        make_folder(self.path.parent)
        name = self.path.with_name(self.path.name + ".lock")
        with os.fdopen(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file, locked(file):
            yield
