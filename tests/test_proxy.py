"""The way to a portal through a company's network: its proxy, its own certificate authority."""

from __future__ import annotations

import os
import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from typer.testing import CliRunner

from kpictl.bitrix24.rest import trust
from kpictl.bitrix24.rest.access import OAuth, Webhook
from kpictl.cli import app
from portal import Portal, World
from portal.server import Server

NAME = "romashka.test"  # a name that no server of names knows
PLAN = """\
kpictl: 1
company: {currency: RUB, timezone: Europe/Moscow, language: en}
sources: {crm: {type: bitrix24, webhook: "${BITRIX24_WEBHOOK_URL}"}}
kpis: {won: {from: deals, count: rows, where: won, when: closed_at}}
scorecards: {sales: {kpis: {won: {weight: 100, target: 1}}}}
"""


# --- a company's network ---------------------------------------------------------------------


class Tunnel(socketserver.BaseRequestHandler):
    """One connection of a proxy: CONNECT, and then bytes both ways."""

    server: Proxy

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(4096)
            if not piece:
                return
            head += piece
        lines = head.decode("latin-1").split("\r\n")
        verb, target, _ = lines[0].split(" ")
        sent = {key.lower(): value for key, _, value in (one.partition(": ") for one in lines[1:])}
        self.server.seen.append(f"{verb} {target}")
        wanted = self.server.password
        if wanted and sent.get("proxy-authorization") != f"Basic {b64encode(wanted).decode()}":
            self.request.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.leads_to)) as beyond:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._pump(beyond)

    def _pump(self, beyond: socket.socket) -> None:
        ways = {self.request: beyond, beyond: self.request}
        while True:
            ready, _, _ = select.select(list(ways), [], [])
            for one in ready:
                piece = one.recv(65536)
                if not piece:
                    return
                ways[one].sendall(piece)


class Proxy(socketserver.ThreadingTCPServer):
    """An HTTP proxy on loopback that leads to one portal, whatever its name."""

    daemon_threads = True

    def __init__(self, leads_to: int, password: bytes = b"") -> None:
        self.leads_to, self.password = leads_to, password
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), Tunnel)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        if isinstance(server, Server):
            server.hang_up()
        server.server_close()
        thread.join()


class Network:
    """A portal behind TLS, whose certificate a company's own authority has signed."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.portal = Portal(World.sample(1, deals=20))
        self.authority = trustme.CA()
        self.pem = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(str(self.pem))
        server = Server(self.portal, "127.0.0.1", 0)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(NAME).configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.port = int(server.server_address[1])
        stack.enter_context(running(server))
        self.at(f"https://{NAME}")

    def at(self, address: str) -> None:
        """Be known under an address."""
        self.portal.address = address
        os.environ["BITRIX24_WEBHOOK_URL"] = self.portal.webhook

    def proxy(self, password: bytes = b"") -> Proxy:
        proxy = Proxy(self.port, password)
        self.stack.enter_context(running(proxy))
        return proxy


ABOUT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    for name in ABOUT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("BITRIX24_WEBHOOK_URL", "")
    monkeypatch.delenv("KPICTL_CONFIG", raising=False)
    (tmp_path / "kpi.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:
        network = Network(tmp_path, stack)
        monkeypatch.setattr("kpictl.cli.clock.SystemClock", lambda: network.portal.clock)
        yield network


def pull() -> tuple[int, str]:
    done = CliRunner().invoke(app, ["pull"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


# --- what is promised ------------------------------------------------------------------------


def test_a_pull_goes_through_the_proxy(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY is the only way out; what goes through it stays encrypted."""
    proxy = network.proxy()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(network.pem))
    code, err = pull()
    assert code == 0, err
    assert set(proxy.seen) == {f"CONNECT {NAME}:443"}
    assert (
        network.portal.counters["requests"] >= 2
    )  # what it is, with its pages; what changed meanwhile


@pytest.mark.parametrize("name", ["https_proxy", "ALL_PROXY"])
def test_other_names_of_the_proxy(
    network: Network, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The names that other programs read are read too."""
    proxy = network.proxy()
    monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(network.pem))
    assert pull()[0] == 0
    assert proxy.seen


def test_a_proxy_with_a_password(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name and password in the proxy's address are given to it, and shown nowhere."""
    proxy = network.proxy(b"anna:s3cret")
    monkeypatch.setenv("SSL_CERT_FILE", str(network.pem))
    monkeypatch.setenv("HTTPS_PROXY", f"http://anna:s3cret@127.0.0.1:{proxy.port}")
    assert pull()[0] == 0
    monkeypatch.setenv("HTTPS_PROXY", f"http://anna:wr0ng@127.0.0.1:{proxy.port}")
    code, err = pull()
    assert code == 4
    assert "407" in err
    assert "HTTPS_PROXY" in err
    assert "wr0ng" not in err


def test_no_proxy_for_some_hosts(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that NO_PROXY names is asked directly."""
    proxy = network.proxy()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", f"example.org,{NAME}")
    monkeypatch.setenv("SSL_CERT_FILE", str(network.pem))
    network.at(f"https://{NAME}:{network.port}")
    known = socket.getaddrinfo

    def resolve(host: Any, *more: Any, **named: Any) -> Any:
        return known("127.0.0.1" if host == NAME else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    code, err = pull()
    assert code == 0, err
    assert proxy.seen == []


def test_an_unknown_authority_is_not_believed(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the company's authority no key is sent, and the message names SSL_CERT_FILE."""
    proxy = network.proxy()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    for name in ("", str(network.folder / "none.pem"), str(network.folder / "kpi.yaml")):
        monkeypatch.setenv("SSL_CERT_FILE", name)
        code, err = pull()
        assert code == 4
        assert "SSL_CERT_FILE" in err
        assert NAME in err
    assert network.portal.counters["requests"] == 0


def test_a_folder_of_authorities(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """SSL_CERT_DIR is read as OpenSSL reads it: one file for each authority, named by its hash."""
    proxy = network.proxy()
    folder = network.folder / "authorities"
    folder.mkdir()
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed: apt-get install openssl")
    command = ["openssl", "x509", "-hash", "-noout", "-in", str(network.pem)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (folder / f"{told.strip()}.0").write_bytes(network.pem.read_bytes())
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    code, err = pull()
    assert code == 0, err


@pytest.mark.parametrize(
    ("address", "hint"),
    [("socks5://user:s3cret@127.0.0.1:1080", "httpx[socks]"), ("ftp://proxy", "http://host:port")],
)
def test_a_proxy_that_cannot_be_one(
    network: Network, monkeypatch: pytest.MonkeyPatch, address: str, hint: str
) -> None:
    """It is a mistake of the call with the next step, and no traceback."""
    monkeypatch.setenv("HTTPS_PROXY", address)
    code, err = pull()
    assert code == 2
    assert hint in err
    assert "s3cret" not in err
    assert "Traceback" not in err


def test_a_portal_on_this_machine_needs_neither(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loopback is never asked for through the proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with network.portal.serve():
        monkeypatch.setenv("BITRIX24_WEBHOOK_URL", network.portal.webhook)
        assert pull()[0] == 0


def test_the_authorization_server_is_always_checked(tmp_path: Path) -> None:
    """An application whose portal is on this machine still needs authorities: its tokens come from
    elsewhere. Only where nothing is encrypted are they spared."""
    unencrypted = Webhook("http://127.0.0.1:8000/rest/1/abcdefghijklmnop/")
    assert not trust.context(unencrypted).cert_store_stats()["x509_ca"]
    for name in ("127.0.0.1:8000", "romashka.bitrix24.ru"):
        made = trust.context(OAuth(f"http://{name}" if name[0] == "1" else name, "app.1", "s3cr3ts3cr3t",
                                   tmp_path / "t.json", "r3fr3shr3fr3sh"))  # fmt: skip
        assert made.verify_mode is ssl.CERT_REQUIRED
        assert made.check_hostname
        assert made.cert_store_stats()["x509_ca"] > 50
