"""The wire to a portal: requests go out, replies or faults come in. Besides `deadline`, the only
file that knows httpx.

Addresses hold the key. So nothing of httpx leaves this file: its exceptions become `Fault` values
(not chained, for they hold the request), and its loggers, which write addresses, are shut.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import httpx
from msgspec import Struct

from kpictl._version import __version__
from kpictl.bitrix24.rest import deadline, trust, unpacking
from kpictl.bitrix24.rest.access import Access
from kpictl.bitrix24.rest.addresses import is_loopback, split
from kpictl.bitrix24.rest.responses import Fault, Reply, Retry, one_line
from kpictl.errors import UsageError

_LOGGERS = (
    "httpx",
    "httpcore",
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
)
_HEADERS = {
    "User-Agent": f"kpictl/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": unpacking.ACCEPTED,
    "Content-Type": "application/json",
}


class Timeouts(Struct, frozen=True):
    """Seconds to wait for a connection, for each part of an answer, and for all of it; a request
    of the cloud may take 60 seconds."""

    connect: float = 10.0
    read: float = 90.0
    whole: float = 300.0


class Wire:
    """One kept-alive connection pool to one portal; may be used from many threads.

    `transport` stands in for the network in tests, `now` for a clock of seconds.
    """

    def __init__(
        self,
        access: Access,
        timeouts: Timeouts | None = None,
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """UsageError when the environment names a proxy that cannot be one."""
        _shut_loggers()
        chosen = timeouts or Timeouts()
        self.access = access
        self._whole, self._now = chosen.whole, now
        self._heard: dict[int, float] = {}  # thread under way → when something came last
        self._due: dict[int, float] = {}  # thread under way → when all must have come
        try:
            self._http = httpx.Client(
                headers=_HEADERS,
                timeout=httpx.Timeout(chosen.read, connect=chosen.connect),
                follow_redirects=False,
                verify=trust.context(access),
                # The company's proxy is asked for the way to a portal, not for this very machine.
                trust_env=not is_loopback(split(access.base).hostname or ""),
                transport=transport,
            )
        except (ImportError, ValueError) as error:  # no package for SOCKS; no such scheme
            key = "socks" if isinstance(error, ImportError) else "scheme"
            raise UsageError("portal.proxy", key=key) from None  # its text may hold a password
        ways = (self._http._transport, *self._http._mounts.values())  # noqa: SLF001  see `bound`
        deadline.bound(ways, self._left)

    def __repr__(self) -> str:
        return f"Wire({self.access.host})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def send(self, method: str, params: Mapping[str, Any], at: str | None = None) -> Reply | Fault:
        """POST a method's parameters as JSON, once; `at` is another address on the same host."""
        body = json.dumps(self.access.body(params), ensure_ascii=False, separators=(",", ":"))
        url = at or self.access.base + method
        return self._ask(self._http.build_request("POST", url, content=body.encode()))

    def fetch(self, url: str, params: Mapping[str, str]) -> Reply | Fault:
        """GET from the authorization server, whose parameters stand in the address."""
        return self._ask(self._http.build_request("GET", url, params=params))

    def _ask(self, request: httpx.Request) -> Reply | Fault:
        me = threading.get_ident()
        self._heard[me] = self._now()
        self._due[me] = self._now() + self._whole
        try:
            return self._answered(request, self._due[me])
        finally:
            del self._heard[me], self._due[me]

    def _left(self) -> float:
        """Return for how many seconds more this thread may read; it is asked before each read."""
        me, now = threading.get_ident(), self._now()
        return self._due.get(me, now + self._whole) - now

    def silence(self) -> float:
        """Return for how many seconds nothing has come of any answer that is waited for."""
        heard = list(self._heard.values())
        return max(self._now() - max(heard), 0.0) if heard else 0.0

    def _answered(self, request: httpx.Request, due: float) -> Reply | Fault:
        try:
            response = self._http.send(request, stream=True)
            try:
                body = self._body(response, due)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _fault(error)
        except unpacking.TooLarge:
            return Fault("too_large", f"{unpacking.MOST >> 20} MB", Retry.NEVER)
        except TimeoutError:
            return Fault("timeout", f"{self._whole:.0f} s", Retry.SOON)
        except ValueError as error:
            return Fault("dropped", one_line(str(error)), Retry.SOON)
        # A response and its stream hold each other: the body would stay until the collector comes.
        response.stream = httpx.ByteStream(b"")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, body, str(request.url))

    def _body(self, response: httpx.Response, due: float) -> bytes:
        """Return the body, unpacked; TimeoutError when not all of it has come by `due`: a server
        that sends a byte a minute never keeps one waiting too long for the next."""

        def arriving() -> Iterator[bytes]:
            assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101  of a sync client
            for chunk in response.stream:
                self._heard[threading.get_ident()] = now = self._now()
                if now > due:
                    raise TimeoutError
                yield chunk

        return unpacking.unpacked(arriving(), response.headers.get("content-encoding", ""))


def _fault(error: Exception) -> Fault:
    """Return what a failure of the wire means; its text, made safe, is the detail."""
    detail = one_line(str(error)) or type(error).__name__
    match error:
        case httpx.ConnectError() if any(_distrusted(cause) for cause in _causes(error)):
            return Fault("tls", detail, Retry.NEVER)
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():
            return Fault("no_connection", detail, Retry.SOON)
        case httpx.TimeoutException():
            return Fault("timeout", detail, Retry.SOON)
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return Fault("bad_address", detail, Retry.NEVER)
        case _:
            return Fault("dropped", detail, Retry.SOON)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _distrusted(error: BaseException) -> bool:
    return isinstance(error, ssl.SSLCertVerificationError)


def _shut_loggers() -> None:
    """Keep addresses out of every log, however logging is configured."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.disabled = True  # spares the making of records
        if _nothing not in logger.filters:
            logger.addFilter(_nothing)  # stays when a configuration enables the logger again


def _nothing(_: logging.LogRecord) -> bool:
    return False
