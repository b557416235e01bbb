"""The portal on a socket: HTTP/1.1 on loopback, connections kept alive, faults of the wire."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portal.pages import Reply
from portal.portal import Portal


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the portal keeps its own log."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = dict(self.headers.items())
        reply = self.server.portal.reply(self.command, self.path, headers, body)
        if reply.harm == "slow":
            self._wait_for_hanging_up()
        if reply.harm in {"slow", "dropped"}:
            self.close_connection = True
            return
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        sent = reply.body[: len(reply.body) // 2] if reply.harm == "cut" else reply.body
        lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        lines += [f"Content-Length: {len(reply.body)}", "", ""]
        with suppress(ConnectionError):  # the client has hung up: nobody to tell
            self.wfile.write("\r\n".join(lines).encode() + sent)
        if reply.harm == "cut":
            self.close_connection = True

    def _wait_for_hanging_up(self) -> None:
        """Wait until the client closes its end, or the server stops."""
        with suppress(OSError):
            select.select([self.connection], [], [])


class Server(ThreadingHTTPServer):
    """The server of one portal; when it stops, its connections and threads are gone."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, portal: Portal, host: str, port: int) -> None:
        self.portal = portal
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((host, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that hang up; everything else is a mistake of the portal."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        with self._guard:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(portal: Portal, host: str, port: int) -> Iterator[str]:
    """Serve in a thread until the block ends; gives the address."""
    server = Server(portal, host, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()
