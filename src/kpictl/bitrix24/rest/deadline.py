"""A deadline for all that is read from a connection: the handshake, the headers, the body.

The timeouts of an HTTP client are for one read each: a server that sends a byte of a header a
minute keeps each of them, and would be waited for for days.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

Left = Callable[[], float]
"""How many seconds the thread that reads has left."""


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections of which a thread reads no longer than it has time."""

    def __init__(self, inner: httpcore.NetworkBackend, left: Left) -> None:
        self._inner, self._left = inner, left

    def connect_tcp(self, *args: Any, **more: Any) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_tcp(*args, **more), self._left)

    def connect_unix_socket(self, *args: Any, **more: Any) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_unix_socket(*args, **more), self._left)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, left: Left) -> None:
        self._inner, self._left = inner, left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._left()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer takes too long")
        return self._inner.read(max_bytes, left if timeout is None else min(timeout, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _Stream(inner, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def bound(transports: Iterable[object], left: Left) -> None:
    """Give the connections of httpx's transports a deadline.

    httpx has no name for the backend of a transport, httpcore has one only where a pool is made;
    so it is put in afterwards. A test tells when a version keeps it elsewhere.
    """
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        inner = getattr(pool, "_network_backend", None)
        if pool is not None and inner is not None:
            pool._network_backend = DeadlineBackend(inner, left)  # noqa: SLF001
