"""A client on a pretended wire: answers are written in the test, time passes by sleeping."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from kpictl.bitrix24.rest.access import Access, Webhook
from kpictl.bitrix24.rest.client import Client, Wait
from kpictl.bitrix24.rest.transport import Wire

KEY = "d1st1nct1vek3y"
HOST = "romashka.bitrix24.ru"
URL = f"https://{HOST}/rest/7/{KEY}/"
START = 1_717_300_000.0

Handler = Callable[[httpx.Request], httpx.Response]


class FakeClock:
    """Sleeping moves the time on, and nothing else does."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        with self._lock:
            self.time += seconds
            self.slept.append(seconds)


class Talk:
    """A portal that gives the answers of a list, one after the other, the last one for ever.

    An answer is a dict (200), an error's (status, code), bytes, a response, or an exception.
    """

    def __init__(self, *answers: Any, access: Access | None = None, jitter: float = 1.0) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.waits: list[Wait] = []
        self.clock = FakeClock()
        wire = Wire(access or Webhook(URL), transport=httpx.MockTransport(self.reply))
        self.client = Client(
            wire, clock=self.clock, on_wait=self.waits.append, jitter=lambda: jitter
        )

    def reply(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        match answer:
            case Exception():
                raise answer
            case httpx.Response():
                return answer
            case bytes():
                return httpx.Response(200, content=answer)
            case (int() as status, str() as code):
                body = {"error": code, "error_description": f"about {code}"}
                return httpx.Response(status, json=body)
            case _:
                return httpx.Response(200, json=answer)

    @property
    def bodies(self) -> Sequence[Any]:
        return [json.loads(request.content) for request in self.asked]


def good(result: Any = True, **more: Any) -> dict[str, Any]:
    return {"result": result, "time": {}, **more}


def batch(result: Any = (), errors: Any = (), **maps: Any) -> dict[str, Any]:
    """Return the answer of a batch; PHP writes an empty map as a list."""
    return good(
        {
            "result": result or [],
            "result_error": errors or [],
            **{f"result_{name}": maps.get(name) or [] for name in ("total", "next", "time")},
        }
    )
