"""No answer of a portal takes the memory, and none keeps anybody waiting without a word."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from kpictl.bitrix24.rest import unpacking
from kpictl.bitrix24.rest.access import OAuth, Webhook
from kpictl.bitrix24.rest.batching import BatchSender
from kpictl.bitrix24.rest.client import Client, Command, PortalError, Wait
from kpictl.bitrix24.rest.keyset_paging import Once
from kpictl.bitrix24.rest.responses import Answer, Fault, Reply, Retry
from kpictl.bitrix24.rest.transport import Wire
from kpictl.cli import app
from kpictl.cli.progress import waiting_line
from portal import Clock, Portal, World
from wires import URL, FakeClock, Talk, good

MB = 1024 * 1024
DATA = b'{"result":' + b"1" * 1000 + b"}"


def chunked(data: bytes, size: int = 100) -> Iterator[bytes]:
    return (data[i : i + size] for i in range(0, len(data), size))


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("identity", bytes), ("gzip", gzip.compress), ("GZIP ", gzip.compress),
     ("x-gzip", gzip.compress), ("deflate", zlib.compress),
     ("gzip", lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]))],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_what_was_packed_comes_out_as_it_was(
    encoding: str, pack: Callable[[bytes], bytes], size: int
) -> None:
    """Whatever the packing, and however it comes in parts."""
    assert unpacking.unpacked(chunked(pack(DATA), size), encoding) == DATA


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(DATA, mtime=0)[:-9]), ("gzip", DATA), ("br", DATA), ("gzip, gzip", DATA),
     ("deflate", b"\xff" * 50)],
)  # fmt: skip
def test_what_cannot_be_unpacked_is_a_fault_that_may_pass(encoding: str, body: bytes) -> None:
    """Half of it, something else, or a packing that nobody asked for."""
    spoilt = httpx.Response(
        200, headers={"content-encoding": encoding}, stream=httpx.ByteStream(body)
    )
    assert Talk(spoilt, good(7)).client.call("user.get").result == 7


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_at_most_64_megabytes_unpacked(packed: bool) -> None:
    """A hundred kilobytes that hold a hundred megabytes end as soon as that is seen."""
    taken = 0

    def bomb() -> Iterator[bytes]:
        nonlocal taken
        stream = zlib.compressobj(wbits=31)
        for _ in range(1000):
            part = stream.compress(bytes(MB)) if packed else bytes(MB)
            taken += 1
            yield part

    with pytest.raises(unpacking.TooLarge):
        unpacking.unpacked(bomb(), "gzip" if packed else "")
    assert taken <= 70


def large(count: int) -> httpx.Response:
    return httpx.Response(200, stream=httpx.ByteStream(bytes(count)))


def test_too_large_an_answer_is_final_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not asked for again, and the message says how large an answer may be."""
    monkeypatch.setattr(unpacking, "MOST", MB)
    talk = Talk(large(MB + 1))
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert (caught.value.fault.code, caught.value.fault.detail) == ("too_large", "1 MB")
    assert talk.client.requests == 1


class Heavy:
    """A portal that gives too large an answer to more than three commands at once."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def batch(self, commands: list[Command]) -> dict[str, object]:
        self.sizes.append(len(commands))
        if len(commands) > 3:
            raise PortalError(Fault("too_large", "64 MB", Retry.NEVER), "batch")
        return {command.label: Answer(command.label) for command in commands}

    def free_at(self, _method: str) -> float:
        return 0.0

    def room_in(self) -> float:
        return 1.0


def test_a_batch_that_is_too_large_is_asked_for_in_parts() -> None:
    """Records with long texts come in smaller batches, every one of them."""
    heavy, tasks = Heavy(), [Once(f"q{i}", "m", {}) for i in range(20)]
    assert BatchSender(heavy, Clock()).run(tasks) == []  # type: ignore[arg-type]
    assert all(task.done for task in tasks)
    assert heavy.sizes[:4] == [20, 10, 5, 2]


def test_a_server_that_drips_has_a_deadline_for_the_whole_answer() -> None:
    """A byte a minute keeps no read waiting for ever, and yet the answer is given up after five
    minutes, and asked for again."""
    seconds = [0.0]

    def drip() -> Iterator[bytes]:
        for letter in b'{"result": ' + b" " * 1000:
            seconds[0] += 60
            yield bytes([letter])

    class Dripping(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return drip()

    answers = [httpx.Response(200, stream=Dripping()), httpx.Response(200, json=good(7))]
    wire = Wire(
        Webhook(URL),
        transport=httpx.MockTransport(lambda _: answers.pop(0)),
        now=lambda: seconds[0],
    )
    waits: list[Wait] = []
    client = Client(wire, clock=FakeClock(), on_wait=waits.append)
    assert client.call("user.get").result == 7
    assert [wait.fault and wait.fault.code for wait in waits] == ["timeout"]
    assert seconds[0] <= 360
    assert wire.silence() == 0


def test_nothing_new_for_half_a_minute_is_said() -> None:
    """Who waits for a silent portal hears so every thirty seconds, until the answer is there."""
    silent, go = iter([5.0, 31.0, 40.0, 62.0, 63.0]), threading.Event()
    said: list[float] = []

    class Silent(Heavy):
        def batch(self, commands: list[Command]) -> dict[str, object]:
            assert go.wait(20)
            return super().batch(commands)

    def silence() -> float:
        found = next(silent, None)
        if found is None:
            go.set()
        return found or 0.0

    courier = BatchSender(Silent(), Clock())  # type: ignore[arg-type]
    courier.silence, courier.on_silence = silence, said.append
    assert courier.run([Once("q", "m", {})]) == []
    assert said == [31.0, 62.0]
    assert waiting_line(Wait(31.0, "silence")) == "nothing new for 31 s"


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "301"},
        {"retry-after": "86400"},
        {"retry-after": "999999999"},
        {"retry-after": "Mon, 03 Jun 2024 10:00:00 GMT", "date": "Mon, 03 Jun 2024 09:00:00 GMT"},
    ],
)
def test_a_wait_of_more_than_a_few_minutes_ends_with_a_message(headers: dict[str, str]) -> None:
    """Nobody sits there for an hour: the portal's wish is told."""
    talk = Talk(httpx.Response(503, headers=headers, text="later"))
    with pytest.raises(PortalError) as caught:
        talk.client.call("user.get")
    assert caught.value.fault.code == "asked_wait"
    assert int(caught.value.fault.detail) >= 6
    assert talk.clock.slept == []


@pytest.mark.parametrize("body", [b"<html>login</html>", b'{"error":"expired_to'])
def test_an_unreadable_401_passes_for_an_application(tmp_path: Path, body: bytes) -> None:
    """Under OAuth a page, or half an answer, in place of `expired_token` is asked for again, also
    where tokens are given out; a webhook's is final."""
    grants = [
        Reply(401, {"content-type": "text/html"}, body),
        Reply(200, {}, b'{"access_token": "a1", "refresh_token": "r2"}'),
    ]
    access = OAuth("romashka.bitrix24.ru", "id", "secret", tmp_path / "t" / "o.json", "r1")
    talk = Talk(httpx.Response(401, content=body), good(7), access=access)
    talk.client._wire.fetch = lambda *_: grants.pop(0)  # type: ignore[method-assign]  # noqa: SLF001
    assert talk.client.call("user.get").result == 7
    assert grants == []
    hook = Talk(httpx.Response(401, content=body))
    with pytest.raises(PortalError):
        hook.client.call("user.get")
    assert hook.client.requests == 1


def test_init_says_that_it_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portal that fails is not met with silence by `init --from-portal`; --quiet is."""
    for quiet in ((), ("--quiet",)):
        portal = Portal(World.sample(1, deals=20), Clock(), faults=["http_502"] * 4)
        with portal.serve():
            monkeypatch.setenv("BITRIX24_WEBHOOK_URL", portal.webhook)
            clock = portal.clock
            monkeypatch.setattr("kpictl.cli.clock.SystemClock", lambda clock=clock: clock)
            plan = tmp_path / f"kpi{len(quiet)}.yaml"
            done = CliRunner().invoke(app, ["init", "--from-portal", "-c", str(plan), *quiet])
        assert (done.exit_code, plan.exists()) == (0, True)
        assert ("fault http_502, waiting" in done.stderr) is (not quiet)
