"""Which addresses a key may be sent to: encrypted ones, and this very machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

_PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, where there is nobody to listen in between."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """Say whether a key may travel to an address."""
    parts = split(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def origin(url: str) -> tuple[str, str, int | None]:
    """Return what makes two addresses the same server: scheme, host and port."""
    parts = split(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def shown_host(url: str) -> str:
    """Return host, and port where it is not the usual one: what may be shown of an address."""
    parts = split(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = parts.port in (None, _PORTS.get(parts.scheme))
    return host if usual else f"{host}:{parts.port}"


def split(url: str) -> SplitResult:
    """Return the parts of an address; ValueError where its host or port is none."""
    parts = urlsplit(url)
    _ = parts.port  # looks at it now: "port" of "host:port" may be a word
    return parts
