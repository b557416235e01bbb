"""The portal itself: from a request to an answer, without a network."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from portal import php
from portal.basics import METHODS, allowed
from portal.batch import Batch
from portal.clock import Clock
from portal.faults import AFTER, INSIDE, Script, Troubles
from portal.limits import PLANS, Bucket, Operating
from portal.oauth import OAuth
from portal.pages import JSON, Reply, page
from portal.php import Params
from portal.state import Answer, RestError, State
from portal.world import World

Hook = Callable[[str, Params, "Portal"], None]


class Unanswered(ConnectionError):
    """A request without a whole answer: `dropped`, `cut`; `slow` is a `TimeoutError` instead."""


@dataclass(slots=True)
class Command:
    """A command that ran: of a batch, or the one of a request (with an empty label)."""

    label: str
    method: str
    params: Params
    outcome: str = "ok"


@dataclass(slots=True)
class Request:
    """A line of the portal's log."""

    time: float
    verb: str
    method: str
    commands: list[Command] = field(default_factory=list)
    outcome: str = "ok"
    fault: str = ""


class Portal(State):
    """A Bitrix24 portal. Everything in it may be changed while it runs, under `lock` if other
    threads ask it at the same time."""

    def __init__(
        self,
        world: World,
        clock: Clock | None = None,
        plan: str | None = None,
        faults: Troubles | Iterable[str | None] | None = None,
        *,
        code: str = "k0dw3bhuka5ecret",
        operating_limit: float = 480.0,
    ) -> None:
        super().__init__(world=world, clock=clock or world.clock)
        world.clock = self.clock
        self.code = code
        self.revoked = False
        self.address = "http://127.0.0.1"
        self.bucket = Bucket(*PLANS[plan], now=self.clock.now) if plan else None
        self.operating = Operating(operating_limit)
        self.cost: dict[str, float] = {}
        self.default_cost = 0.005
        self.latency: float | Callable[[Request], float] = 0.0
        self.oauth = OAuth(self.clock.now)
        self.faults: Troubles = faults if isinstance(faults, Troubles) else Script(faults or ())
        self.before_command: Hook | None = None
        self.after_command: Hook | None = None
        self.log: list[Request] = []
        self.counters: Counter[str] = Counter()
        self.lock = threading.RLock()

    @property
    def webhook(self) -> str:
        return f"{self.address}/rest/{self.user_id}/{self.code}/"

    @property
    def authorization_server(self) -> str:
        return f"{self.address}/oauth/token/"

    @contextmanager
    def serve(self, port: int = 0, host: str = "127.0.0.1") -> Iterator[str]:
        """Answer on loopback until the block ends; gives the address, `http://127.0.0.1:<port>`."""
        from portal.server import serving

        with serving(self, host, port) as address:
            self.address = address
            yield address

    # --- what a test sets --------------------------------------------------------------------

    def hide(self, entity: str, ids: Iterable[int]) -> None:
        """Take the right to see these records away: lists leave them out without a word."""
        self.world[entity].hidden.update(ids)
        self.world[entity].version += 1

    def without(self, *names: str) -> None:
        """Be an older portal, which does not have these methods."""
        self.absent.update(names)

    # --- answering ---------------------------------------------------------------------------

    def respond(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer a request without a network; raises `Unanswered` or `TimeoutError` where the
        connection would have died."""
        reply = self.reply(method, url, headers, body)
        if reply.harm == "slow":
            raise TimeoutError("the portal does not answer")
        if reply.harm:
            raise Unanswered(f"the connection was {reply.harm}")
        return reply.status, dict(reply.headers), reply.body

    def reply(self, verb: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer a request, with what is to happen to the answer on its way."""
        arrived = self.clock.now()
        with self.lock:
            parts = urlsplit(url)
            path = parts.path.removeprefix("/moved")
            if path.rstrip("/") == "/oauth/token":
                return self._authorize(parse_body(parts.query, headers, body))
            request = Request(arrived, verb, path.rstrip("/").rpartition("/")[2])
            request.method = request.method.removesuffix(".json")
            self.log.append(request)
            self.counters["requests"] += 1
            request.fault = self.faults.next(body or url.encode(), batch=request.method == "batch")
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            reply = self._harmed(request, target)
            if reply is None:
                reply = self._handle(request, path, parse_body(parts.query, headers, body))
            self.counters[request.outcome] += 1
            return reply

    def _authorize(self, params: Params) -> Reply:
        self.counters["oauth"] += 1
        try:
            return self._json(200, self.oauth.token(params, self.address, self.scopes))
        except RestError as error:
            return self._json(
                error.status, {"error": error.code, "error_description": error.description}
            )

    def _harmed(self, request: Request, target: str) -> Reply | None:
        """Return the answer of a fault that happens before anything is done."""
        reply = page(request.fault, self.address, target) if request.fault else None
        if reply is not None:
            request.outcome = request.fault
            if self.bucket:
                self.bucket.take()
        return reply

    def _handle(self, request: Request, path: str, params: dict[str, Any]) -> Reply:
        try:
            self._count()
            caller = self._caller(path, params)
            if request.method == "batch":
                payload = self._batch(request, caller, params)
            else:
                answer, time = self._execute(request, caller, "", request.method, params)
                payload = whole(answer) | {"time": time}
        except RestError as error:
            request.outcome = error.code or error.description
            content: dict[str, Any] = {"error": error.code, "error_description": error.description}
            return self._json(error.status, content)
        return self._spoiled(request, json.dumps(payload, separators=(",", ":")).encode())

    def _count(self) -> None:
        if self.bucket and not self.bucket.take():
            raise RestError(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")

    def _caller(self, path: str, params: dict[str, Any]) -> str:
        """Return who calls, or raise the error of a wrong key. (HTTPS is not asked for on
        loopback.)"""
        parts = path.strip("/").split("/")
        if parts[0] != "rest" or len(parts) not in {2, 4}:
            raise RestError(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        token = php.text(params.pop("auth", ""))
        if len(parts) == 2:
            self.oauth.check(token)
            self.by_application = True
            return "application"
        self.by_application = False
        if self.revoked or parts[1:3] != [str(self.user_id), self.code]:
            raise RestError(401, "NO_AUTH_FOUND", "Wrong authorization data")
        return "webhook"

    def _batch(self, request: Request, caller: str, params: Params) -> dict[str, Any]:
        def run(label: str, method: str, inner: Params) -> tuple[Answer, dict[str, Any]]:
            return self._execute(request, caller, label, method, inner)

        commands = [label for label, _ in php.items(params.get("cmd"))]
        harm: dict[int, RestError | None] = {}
        if request.fault in INSIDE and commands:
            harm[self.faults.pick(min(len(commands), 50))] = _COMMAND_ERRORS[request.fault]
        result = Batch().run(params, run, harm)
        request.outcome = "ok" if not result["result_error"] else "ok, with errors"
        return {"result": result, "time": self._time(request)}

    def _execute(
        self, request: Request, caller: str, label: str, method: str, params: Params
    ) -> tuple[Answer, dict[str, Any]]:
        command = Command(label, method, params)
        request.commands.append(command)
        self.counters[f"method:{method}"] += 1
        try:
            if self.before_command:
                self.before_command(method, params, self)
            answer = self._run(caller, method, params)
            if self.after_command:
                self.after_command(method, params, self)
        except RestError as error:
            command.outcome = error.code or error.description
            raise
        seconds = self.cost.get(method, self.default_cost)
        used, resets = self.operating.charge((caller, method), self.clock.now(), seconds)
        time = self._time(request, seconds)
        return answer, time | {"operating_reset_at": resets, "operating": round(used, 9)}

    def _run(self, caller: str, method: str, params: Params) -> Answer:
        known = METHODS.get(method.lower())
        if known is None or method in self.absent:
            raise RestError(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        if not allowed(self, known):
            message = "The request requires higher privileges than provided by the webhook token"
            raise RestError(403, "insufficient_scope", message)
        if self.operating.refuses((caller, method), self.clock.now()):
            raise _COMMAND_ERRORS["command_limit"]
        return known.run(self, params)

    def _time(self, request: Request, seconds: float = 0.0) -> dict[str, Any]:
        latency = self.latency(request) if callable(self.latency) else self.latency
        self.clock.reach(request.time + latency)
        finish = self.clock.now()
        return {
            "start": request.time,
            "finish": finish,
            "duration": finish - request.time,
            "processing": seconds,
            "date_start": self.world.zone.text(request.time),
            "date_finish": self.world.zone.text(finish),
        }

    @staticmethod
    def _json(status: int, content: Mapping[str, Any]) -> Reply:
        return Reply(status, JSON, json.dumps(content).encode())

    @staticmethod
    def _spoiled(request: Request, body: bytes) -> Reply:
        """Return a good answer, or what a fault makes of it on its way."""
        if request.fault in AFTER or request.fault == "slow":
            request.outcome = request.fault
        if request.fault == "truncated":
            body = body[: len(body) // 2]
        elif request.fault == "bad_json":
            warning = b"<br />\n<b>Warning</b>: Undefined array key in <b>rest.php</b><br />\n"
            body = warning + body
        harm = request.fault if request.fault in {"dropped", "cut", "slow"} else ""
        return Reply(200, JSON, body, harm)


_COMMAND_ERRORS: Mapping[str, RestError | Any] = {
    "command_error": RestError(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    "command_limit": RestError(
        429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit."
    ),
    "command_missing": None,
}


def whole(answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = {"result": answer.result}
    if answer.next is not None:
        shown["next"] = answer.next
    if answer.total is not None:
        shown["total"] = answer.total
    return shown


def parse_body(query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return the parameters of the address and of the body, JSON or a form; the body wins."""
    params = dict(php.parse_query(query)) if query else {}
    kinds: Sequence[str] = [v for k, v in headers.items() if k.lower() == "content-type"]
    if body and any("json" in kind for kind in kinds):
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        return params | content if isinstance(content, dict) else params
    return params | php.parse_query(body.decode("utf-8", "replace")) if body else params
