"""The authorization server: an access token for an hour, a new refresh token each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal import php
from portal.php import Params
from portal.state import RestError

HOUR = 3600
HALF_YEAR = 180 * 24 * 3600


@dataclass(slots=True)
class OAuth:
    """Tokens of one installed application, and how often they were asked for.

    The HTTP status of its errors is not documented: 400 here. Whether an old refresh token still
    works is not documented: here it does not."""

    now: Callable[[], float]
    client_id: str = "local.65f0c0ffee.01234567"
    client_secret: str = "SeCrEtOfTheApplication"
    access_token: str = ""
    refresh_token: str = ""
    code: str = "code-for-thirty-seconds"
    scope: tuple[str, ...] = ()
    refreshes: int = 0
    refused: int = 0
    payment_required: bool = False
    refuse_next: list[str] = field(default_factory=list)
    """Error codes for the next requests to the authorization server."""
    _expires: dict[str, float] = field(default_factory=dict)
    _granted: float = 0.0
    _count: int = 0

    def __post_init__(self) -> None:
        self._issue()

    def _issue(self) -> None:
        self._count += 1
        self.access_token = f"access{self._count:04}s1morf609228iwyjjpvfv6wsvuj"
        self.refresh_token = f"refresh{self._count:04}g4jpmg13usmybzuqknt2v9fh"
        self._expires[self.access_token] = self.now() + HOUR
        self._granted = self.now()

    def expire(self) -> None:
        """Let the access token be out of date from now on."""
        self._expires[self.access_token] = self.now()

    def check(self, token: str) -> None:
        """Raise the documented error unless the token opens the door."""
        if token not in self._expires:
            raise RestError(401, "NO_AUTH_FOUND", "Wrong authorization data")
        if self._expires[token] <= self.now():
            message = "The access token provided has expired"
            raise RestError(401, "expired_token", message)

    def token(self, params: Params, endpoint: str, scopes: set[str]) -> dict[str, Any]:
        """Answer `/oauth/token/`."""
        try:
            self._refusal(params)
        except RestError:
            self.refused += 1
            raise
        self.refreshes += 1
        self._issue()
        return {
            "access_token": self.access_token,
            "client_endpoint": f"{endpoint}/rest/",
            "domain": "oauth.bitrix.info",
            "expires": int(self.now()) + HOUR,
            "expires_in": HOUR,
            "member_id": "a223c6b3710f85df22e9377d6c4f7553",
            "refresh_token": self.refresh_token,
            "scope": ",".join(sorted(scopes)),
            "server_endpoint": f"{endpoint}/rest/",
            "status": "L",
            "user_id": 1,
        }

    def _refusal(self, params: Params) -> None:
        given = {name: php.text(params.get(name)) for name in ("grant_type", *_CREDENTIALS)}
        if self.refuse_next:
            raise RestError(400, self.refuse_next.pop(0), "Refused")
        if self.payment_required:
            raise RestError(400, "PAYMENT_REQUIRED", "Payment required")
        if given["grant_type"] not in {"refresh_token", "authorization_code"}:
            raise RestError(400, "invalid_request", "Incorrect grant_type")
        if (given["client_id"], given["client_secret"]) != (self.client_id, self.client_secret):
            raise RestError(400, "invalid_client", "Wrong client")
        good = given["refresh_token"] == self.refresh_token
        if given["grant_type"] == "authorization_code":
            good = given["code"] == self.code
        if not good or self.now() >= self._granted + HALF_YEAR:
            raise RestError(400, "invalid_grant", "Invalid authorization data")


_CREDENTIALS = ("client_id", "client_secret", "refresh_token", "code")
