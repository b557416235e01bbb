"""A caller for tests: asks a portal without a network and unpacks what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from portal.portal import Portal


@dataclass
class Caller:
    """Asks a portal without a network, as a webhook unless a token is given."""

    portal: Portal
    token: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        base = f"{self.portal.address}/rest/" if self.token else self.portal.webhook
        body = json.dumps(params | ({"auth": self.token} if self.token else {})).encode()
        kind = {"Content-Type": "application/json"}
        self.status, self.headers, answer = self.portal.respond("POST", base + method, kind, body)
        content: dict[str, Any] = json.loads(answer)
        return content

    def items(self, entity: int = 2, **params: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self("crm.item.list", entityTypeId=entity, **params)["result"][
            "items"
        ]
        return rows

    def ids(self, **params: Any) -> list[int]:
        return [row["id"] for row in self.items(select=["id"], **params)]

    def error(self, method: str, **params: Any) -> tuple[int, str]:
        code = self(method, **params)["error"]
        return self.status, code

    def batch(self, commands: dict[str, str] | list[str], **params: Any) -> dict[str, Any]:
        result: dict[str, Any] = self("batch", cmd=commands, **params)["result"]
        return result
