"""The key to a portal: where it is found, that it is never shown, and how tokens are renewed."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import logging.config
import os
import pickle
import stat
import threading
import traceback
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from kpictl.bitrix24.rest.access import OAuth, Webhook, environment, find
from kpictl.bitrix24.rest.client import Client, Command, PortalError, Retry
from kpictl.bitrix24.rest.tokens import TokenFile
from kpictl.bitrix24.rest.transport import Timeouts, Wire
from kpictl.cli import app
from kpictl.errors import UsageError
from kpictl.masking import HIDDEN, hide, mask
from wires import HOST, KEY, URL, FakeClock, Talk, batch, good

posix = pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
SECRET, REFRESH, TOKEN = "s3cret-0f-the-app", "r3fresh-t0ken-1", "acc3ss-t0ken-1"


def code_of(error: pytest.ExceptionInfo[UsageError]) -> str:
    return error.value.problem.code


# --- webhooks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        URL,
        URL.rstrip("/"),
        f" {URL}profile.json?a=1\n",
        f"https://{HOST}/rest/api/7/{KEY}/crm.item.list",
        URL.replace("https", "HTTPS").replace("romashka", "Romashka"),
    ],
)
def test_an_address_is_taken_as_it_was_copied(given: str) -> None:
    """With a slash or without, with a method behind it or not: the same key."""
    key = Webhook(given)
    assert (key.base, key.host, key.body({"a": 1})) == (URL, HOST, {"a": 1})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (f"http://{HOST}/rest/7/{KEY}/", "portal.not_https"),
        (f"{HOST}/rest/7/{KEY}/", "portal.no_address"),
        (f"https://me:{KEY}@{HOST}/rest/7/{KEY}/", "portal.not_https"),
        (f"https://{HOST}:{KEY}/", "portal.no_address"),
        (f"ftp://127.0.0.1/rest/7/{KEY}/", "portal.not_https"),
        (f"https://{HOST}/rest/{KEY}/", "portal.not_webhook"),
        (f"https://{HOST}/{KEY}", "portal.not_webhook"),
        ("n0-addr3ss", "portal.no_address"),
    ],
)
def test_other_addresses_are_refused_unseen(given: str, code: str) -> None:
    """A key goes only where nobody listens; the message does not repeat what was given."""
    with pytest.raises(UsageError) as caught:
        Webhook(given)
    assert code_of(caught) == code
    assert KEY not in repr(caught.value) + str(caught.value.problem)


@pytest.mark.parametrize("host", ["localhost:8024", "127.0.0.1:8024", "[::1]:8024"])
def test_this_machine_may_be_asked_in_clear(host: str) -> None:
    """A portal for trying, on loopback, needs no certificate."""
    assert Webhook(f"http://{host}/rest/1/{KEY}/").base == f"http://{host}/rest/1/{KEY}/"


# --- where it is found -----------------------------------------------------------------------


def test_a_file_completes_the_environment(tmp_path: Path) -> None:
    """What `.env` says is read as shells do; what the environment says is stronger."""
    (tmp_path / ".env").write_text(
        "\ufeff# keys\r\n"
        f"BITRIX24_WEBHOOK_URL={URL}   # the one of Anna\n"
        "export BITRIX24_PORTAL = 'a#b c'  # note\n"
        'TEXT="say \\"hi\\"\\nthere"\n'
        "EMPTY=\nPLAIN=a#b\nFIRST=no\nnot a line\n= 5\n",
        encoding="utf-8",
    )
    (tmp_path / ".env").chmod(0o600)
    found = environment(tmp_path, {"FIRST": "yes", "PLAIN": ""})
    assert dict(found) == {
        "BITRIX24_WEBHOOK_URL": URL,
        "BITRIX24_PORTAL": "a#b c",
        "TEXT": 'say "hi"\nthere',
        "PLAIN": "a#b",
        "FIRST": "yes",
    }
    assert KEY not in repr(found)
    assert "NONE" not in found
    assert dict(environment(tmp_path / "none", {"A": "1"})) == {"A": "1"}


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_an_open_file_is_refused(tmp_path: Path, mode: int) -> None:
    """A `.env` that others may read is not used; the command that closes it is told."""
    path = tmp_path / "my plans" / ".env"
    path.parent.mkdir()
    path.write_text(f"BITRIX24_WEBHOOK_URL={URL}\n", encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(UsageError) as caught:
        environment(path.parent, {})
    assert code_of(caught) == "portal.open_file"
    assert caught.value.problem.data["command"] == f"chmod 600 '{path}'"


def test_the_keyring_is_asked_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is loaded only for a name of ours that is nowhere else, when that is asked for."""
    asked: list[tuple[str, str]] = []

    def get_password(service: str, name: str) -> str | None:
        asked.append((service, name))
        return URL if name == "BITRIX24_WEBHOOK_URL" else None

    loaded: list[str] = []

    def load(name: str) -> Any:
        loaded.append(name)
        return SimpleNamespace(get_password=get_password)

    monkeypatch.setattr(importlib, "import_module", load)
    found = environment(tmp_path, {"BITRIX24_PORTAL": "p"})
    assert (found["BITRIX24_PORTAL"], found.get("PATH"), loaded) == ("p", None, [])
    assert find(tmp_path, found).host == HOST
    assert "BITRIX24_CLIENT_ID" not in found
    assert found.get("BITRIX24_WEBHOOK_URL") == URL
    assert asked == [("kpictl", "BITRIX24_WEBHOOK_URL"), ("kpictl", "BITRIX24_CLIENT_ID")]

    def broken(name: str) -> Any:
        raise RuntimeError(name)

    monkeypatch.setattr(importlib, "import_module", broken)
    assert "BITRIX24_WEBHOOK_URL" not in environment(tmp_path, {})


def test_no_key_or_half_of_one(tmp_path: Path) -> None:
    """It is said where a key was looked for, and what of an application's is missing."""
    with pytest.raises(UsageError) as caught:
        find(tmp_path, {})
    assert caught.value.problem.data == {
        "name": "BITRIX24_WEBHOOK_URL",
        "file": str(tmp_path / ".env"),
    }
    with pytest.raises(UsageError) as caught:
        find(tmp_path, {"BITRIX24_PORTAL": HOST, "BITRIX24_CLIENT_ID": "app.1"})
    assert caught.value.problem.data == {"missing": "BITRIX24_CLIENT_SECRET"}
    env = {"BITRIX24_PORTAL": HOST, "BITRIX24_CLIENT_ID": "a", "BITRIX24_CLIENT_SECRET": SECRET}
    with pytest.raises(UsageError) as caught:
        find(tmp_path, env)
    assert code_of(caught) == "portal.no_token"
    key = find(tmp_path, {**env, "BITRIX24_REFRESH_TOKEN": REFRESH})
    assert isinstance(key, OAuth)
    assert key.token_file == tmp_path / ".kpictl" / f"oauth-{HOST}.json"
    assert isinstance(find(tmp_path, env, webhook=URL), Webhook)


# --- never shown -----------------------------------------------------------------------------

TROUBLES = [
    httpx.ConnectError(f"cannot reach {URL}user.get"),
    httpx.ReadTimeout(f"POST {URL}batch timed out"),
    httpx.InvalidURL(f"what is {URL}"),
    httpx.Response(302, headers={"location": f"https://x.example/rest/7/{KEY}/user.get"}),
    httpx.Response(500, json={"error": "X", "error_description": f"in {URL}".replace("/", "\\/")}),
    httpx.Response(403, text=f"<html>{URL}</html>"),
    (401, f"NO_{KEY}"),
    {"error": KEY, "error_description": f"auth={KEY}"},
    f'{{"result": "{KEY}'.encode(),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda one: type(one).__name__)
def test_no_error_shows_the_key(trouble: Any) -> None:
    """Neither text, representation, causes, traceback nor pickle of an error holds the key."""
    talk = Talk(trouble)
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    error = caught.value
    shown = [repr(error), str(error), repr(error.fault), *traceback.format_exception(error)]
    shown += [
        repr(vars(error)),
        repr(talk.waits),
        repr(talk.client),
        repr(pickle.dumps(error.fault)),
    ]
    assert KEY not in "".join(shown)
    assert error.__cause__ is None
    assert error.__context__ is None


def test_no_representation_shows_the_key(tmp_path: Path) -> None:
    """Whatever holds a key shows the portal, not the key."""
    oauth = OAuth(HOST, "app.1", SECRET, tmp_path / "t.json", REFRESH)
    for key in (Webhook(URL), oauth):
        wire = Wire(key, transport=httpx.MockTransport(lambda _: httpx.Response(200, json=good())))
        shown = repr([key, wire, Client(wire, clock=FakeClock()), wire.send("m", {})])
        assert HOST in shown
        assert not any(secret in shown for secret in (KEY, SECRET, REFRESH))


def test_nothing_is_logged_of_the_wire(caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at DEBUG, and enabled again after us, no record has an address."""
    caplog.set_level(logging.DEBUG)
    with served(Portal()) as portal:
        wire = Wire(Webhook(portal.webhook))
        names = [n for n in logging.root.manager.loggerDict if n.startswith(("httpx", "httpcore"))]
        assert {"httpx", "httpcore.http11", "httpcore.connection"} <= set(names)
        config = {"version": 1, "disable_existing_loggers": False,
                  "loggers": {name: {"level": "DEBUG"} for name in names}}  # fmt: skip
        logging.config.dictConfig(config)
        assert not any(logging.getLogger(name).disabled for name in names)
        Client(wire, clock=FakeClock()).call("user.get")
        wire.close()
        for name in names:
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert not [r for r in caplog.records if r.name.startswith("http")]
    assert KEY not in caplog.text


def test_a_traceback_of_ours_hides_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--verbose` shows where a bug arose, and not the key that its message names."""
    from kpictl.cli import options

    def broken(*_: object, **__: object) -> None:
        Webhook(URL)
        raise RuntimeError(f"cannot do {URL} with refresh_token={REFRESH}")

    monkeypatch.setattr(options, "_common", broken)
    (tmp_path / "kpi.yaml").write_text("kpictl: 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, ["check", "--verbose"])
    assert found.exit_code == 1
    assert "RuntimeError" in found.stderr
    assert KEY not in found.output + found.stderr
    assert REFRESH not in found.output + found.stderr


def test_what_looks_like_a_key_is_hidden() -> None:
    """Keys that nobody has registered are known by where they stand; words are left alone."""
    for text in (
        "https://p.ru/rest/1/abcdefgh/user.get",
        "https:\\/\\/p.ru\\/rest\\/1\\/abcdefgh\\/user.get",
        "p.ru%2Frest%2F1%2Fabcdefgh%2F",
        "/rest/api/12/abcdefgh",
        "?auth=abcdefgh&x=1",
        "refresh_token=abcdefgh",
        '{"access_token": "abcdefgh", "a": 1}',
        "{'client_secret': 'abcdefgh'}",
        '{\\"auth\\":\\"abcdefgh\\"}',
    ):
        assert "abcdefgh" not in mask(text)
        assert HIDDEN in mask(text)
    for text in ("the auth of 5 = 5", "rest/of/the/day", "author=Ann", "REST 1/2", ""):
        assert mask(text) == text


def test_a_secret_is_hidden_in_every_dress() -> None:
    """In an address, in JSON and in a `repr` a secret is the same secret; a short one is none."""
    secret = 'p"ss w/rd+ы'
    hide(secret)
    hide("5")
    for text in (secret, json.dumps(secret, ensure_ascii=False), repr([secret])):
        assert mask(f"<{text}>") != f"<{text}>"
        assert "ss w" not in mask(text)
    assert "w%2Frd" not in mask(str(httpx.URL("http://a/", params={"x": secret})))
    assert mask("5 deals", also=["deals"]) == f"5 {HIDDEN}"


# --- OAuth -----------------------------------------------------------------------------------


class Portal:
    """A portal and its authorization server on loopback: tokens live as long as it is told."""

    def __init__(self) -> None:
        self.address = ""
        self.valid = "acc3ss-t0ken-1"
        self.refresh = REFRESH
        self.count = 1
        self.refreshes: list[dict[str, str]] = []
        self.calls: list[dict[str, Any]] = []
        self.refuse: tuple[int, dict[str, Any]] | None = None
        self.stored: list[str] = []
        self.file: Path | None = None
        self.barrier: threading.Barrier | None = None
        self.lock = threading.Lock()

    @property
    def webhook(self) -> str:
        return f"{self.address}/rest/1/{KEY}/"

    def token(self, query: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.refreshes.append(dict(query))
            if self.refuse is not None:
                return self.refuse
            if query["refresh_token"] != self.refresh:
                return 400, {"error": "invalid_grant"}
            self.count += 1
            self.valid, self.refresh = f"acc3ss-t0ken-{self.count}", f"r3fresh-t0ken-{self.count}"
            return 200, {
                "access_token": self.valid,
                "refresh_token": self.refresh,
                "client_endpoint": f"{self.address}/rest/",
                "expires_in": 3600,
            }

    def call(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.calls.append(body)
            fits = body.get("auth") in (None, self.valid)
        if self.barrier is not None and not fits:
            self.barrier.wait(timeout=300)
        if not fits:
            return 401, {"error": "expired_token", "error_description": "has expired"}
        if self.file is not None:
            self.stored.append(self.file.read_text("utf-8"))
        return 200, batch({"a": 1}) if "cmd" in body else good(body.get("n"))


@contextlib.contextmanager
def served(portal: Portal) -> Iterator[Portal]:
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, data: dict[str, Any]) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            self.answer(*portal.token({name: values[0] for name, values in query.items()}))

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            self.answer(*portal.call(json.loads(self.rfile.read(size))))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    portal.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def portal() -> Iterator[Portal]:
    with served(Portal()) as one:
        yield one


def grant(portal: Portal, path: Path, refresh: str | None = REFRESH) -> OAuth:
    server = f"{portal.address}/oauth/token/"
    return OAuth(portal.address, "app.1", SECRET, path / ".kpictl" / "t.json", refresh, server)


@contextlib.contextmanager
def client(key: OAuth) -> Iterator[Client]:
    wire = Wire(key, Timeouts(connect=5, read=15))
    with Client(wire, clock=FakeClock(), jitter=lambda: 0.0) as one:
        yield one


def test_tokens_are_kept_before_they_are_used(portal: Portal, tmp_path: Path) -> None:
    """The first call gets a token from the refresh token; the file, readable by nobody else, has
    the new refresh token when the portal first sees the access token."""
    portal.file = tmp_path / ".kpictl" / "t.json"
    with client(grant(portal, tmp_path)) as one:
        assert one.call("user.get", {"n": 5}).result == 5
        assert one.requests == 1
    assert portal.refreshes == [
        {"grant_type": "refresh_token", "client_id": "app.1", "client_secret": SECRET,
         "refresh_token": REFRESH}
    ]  # fmt: skip
    assert portal.calls == [{"n": 5, "auth": "acc3ss-t0ken-2"}]
    assert json.loads(portal.stored[0])["refresh_token"] == "r3fresh-t0ken-2"
    names = sorted(p.name for p in portal.file.parent.glob("t.json*"))
    assert names == ["t.json", "t.json.lock"]
    if os.name == "posix":
        modes = {stat.S_IMODE(p.stat().st_mode) for p in portal.file.parent.glob("t.json*")}
        assert modes == {0o600}


def test_a_later_run_goes_on_with_the_file(portal: Portal, tmp_path: Path) -> None:
    """Tokens of the file are used without a refresh; a new grant in the environment replaces
    them, and so does a file that cannot be read."""
    with client(grant(portal, tmp_path)) as one:
        one.call("user.get")
    for refresh in (REFRESH, None):
        with client(grant(portal, tmp_path, refresh)) as one:
            one.call("user.get")
    assert len(portal.refreshes) == 1
    portal.refresh = "an0ther-grant"
    with client(grant(portal, tmp_path, "an0ther-grant")) as one:
        one.call("user.get")
    assert portal.refreshes[-1]["refresh_token"] == "an0ther-grant"
    (tmp_path / ".kpictl" / "t.json").write_text("{", encoding="utf-8")
    with client(grant(portal, tmp_path, portal.refresh)) as one:
        one.call("user.get")
    assert len(portal.refreshes) == 3


def test_one_refresh_serves_all_that_wait(portal: Portal, tmp_path: Path) -> None:
    """Eight threads meet the same expired token; the authorization server is asked once, and each
    of them gets its answer."""
    with client(grant(portal, tmp_path)) as one:
        one.call("user.get")
        portal.valid = "n0ne"
        portal.barrier = threading.Barrier(8)
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda n=n: found.append(one.call("m", {"n": n}).result))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=300)
        assert sorted(found) == list(range(8))
        assert len(portal.refreshes) == 2
        assert (one.requests, one.faults) == (17, 0)


def test_another_process_may_have_refreshed(portal: Portal, tmp_path: Path) -> None:
    """Who finds newer tokens in the file takes them and asks for none."""
    with client(grant(portal, tmp_path)) as first:
        first.call("user.get")
        with client(grant(portal, tmp_path)) as second:
            portal.valid = "n0ne"
            second.call("user.get")
            assert len(portal.refreshes) == 2
            assert first.call("user.get", {"n": 1}).result == 1
            assert len(portal.refreshes) == 2


def test_two_processes_refresh_once(portal: Portal, tmp_path: Path) -> None:
    """Two programs over one token file, both with an old token: the lock of the file lets one of
    them refresh, and the other takes what it has brought."""
    with client(grant(portal, tmp_path)) as first:
        first.call("user.get")
        with client(grant(portal, tmp_path)) as second:
            portal.valid = "n0ne"
            portal.barrier = threading.Barrier(2)
            threads = [threading.Thread(target=one.call, args=("m",)) for one in (first, second)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=300)
            assert len(portal.refreshes) == 2
            assert first.requests + second.requests == 5


def test_a_token_may_expire_inside_a_batch(tmp_path: Path) -> None:
    """A command refused for an old token makes the batch be repeated with a new one."""
    file = TokenFile(tmp_path / "t.json")
    server = "https://oauth.bitrix.info/oauth/token/"
    key = OAuth(HOST, "app.1", SECRET, file.path, REFRESH, server)
    tokens = [
        {"access_token": f"acc3ss-{n}", "refresh_token": f"r3fresh-{n}",
         "client_endpoint": f"https://{HOST}/rest/"}
        for n in range(2)
    ]  # fmt: skip
    expired = batch({"a": 1}, {"b": {"error": "expired_token"}})
    talk = Talk(tokens[0], expired, tokens[1], batch({"a": 1, "b": 2}), access=key)
    found = talk.client.batch([Command("a", "m", {}), Command("b", "m", {})])
    assert [getattr(one, "result", None) for one in found.values()] == [1, 2]
    assert (talk.client.requests, talk.client.faults) == (2, 0)
    assert [r.method for r in talk.asked] == ["GET", "POST", "GET", "POST"]
    posted = b"".join(r.content for r in talk.asked if r.url.host == HOST).decode()
    assert "acc3ss-1" in posted
    assert SECRET not in posted
    assert {str(r.url.copy_with(query=None)) for r in talk.asked if r.method == "GET"} == {server}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_grant"),
        (401, "invalid_client"),
        (200, "PAYMENT_REQUIRED"),
        (400, "expired_token"),
    ],
)
def test_a_refused_grant_is_final(portal: Portal, tmp_path: Path, status: int, code: str) -> None:
    """What the authorization server refuses is told once, not asked for by each thread again."""
    portal.refuse = status, {"error": code, "error_description": "no"}
    with client(grant(portal, tmp_path)) as one:
        for _ in range(2):
            with pytest.raises(PortalError) as caught:
                one.call("user.get")
            assert (caught.value.fault.code, caught.value.fault.retry) == (code, Retry.NEVER)
    assert len(portal.refreshes) == 1
    assert not portal.calls
    assert {p.name for p in (tmp_path / ".kpictl").iterdir()} == {".gitignore", "t.json.lock"}


def test_a_server_in_trouble_is_asked_again(portal: Portal, tmp_path: Path) -> None:
    """A fault of the authorization server that may pass is waited for as any other."""
    portal.refuse = 502, {}
    key = grant(portal, tmp_path)
    with client(key) as one:
        one.on_wait = lambda _: setattr(portal, "refuse", None)
        assert one.call("user.get", {"n": 3}).result == 3
        assert one.faults == 1


def test_a_token_that_never_works_comes_to_an_end(tmp_path: Path) -> None:
    """A portal that calls each new token expired is not asked for ever."""
    key = OAuth(HOST, "app.1", SECRET, tmp_path / "t.json", REFRESH)
    both = {"access_token": TOKEN, "refresh_token": REFRESH}
    talk = Talk({**both, "error": None, "result": None}, access=key)
    talk.answers = [both, *[(401, "expired_token"), both] * 5]
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert caught.value.fault.code == "expired_token"
    assert len(talk.asked) == 8


def test_secrets_go_to_safe_addresses_only(tmp_path: Path) -> None:
    """The authorization server must be https, and so must the portal that it names."""
    for portal, server in (
        (HOST, "http://oauth.example/"),
        (f"http://{HOST}", "https://o.example/"),
    ):
        with pytest.raises(UsageError) as caught:
            OAuth(portal, "app.1", SECRET, tmp_path / "t.json", REFRESH, server)
        assert code_of(caught) == "portal.not_https"
    endpoint = {"access_token": TOKEN, "client_endpoint": "http://evil.example/rest/"}
    talk = Talk(endpoint, access=OAuth(HOST, "app.1", SECRET, tmp_path / "t.json", REFRESH))
    with pytest.raises(PortalError, match="client_endpoint"):
        talk.client.call("user.get")
    assert len(talk.asked) == 1


@posix
def test_an_open_token_file_is_refused(tmp_path: Path) -> None:
    """Tokens that others may have read are not used."""
    path = tmp_path / "t.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)
    with pytest.raises(UsageError) as caught:
        OAuth(HOST, "app.1", SECRET, path, REFRESH)
    assert code_of(caught) == "portal.open_file"


def test_a_webhook_is_not_renewed() -> None:
    """A webhook whose time is over is told of, without another request."""
    talk = Talk((401, "expired_token"))
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert (caught.value.fault.retry, talk.client.requests) == (Retry.NEVER, 1)
