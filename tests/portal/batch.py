"""`batch`: up to fifty commands one after another, each with an answer or an error of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal import php
from portal.php import Params
from portal.state import Answer, RestError

LENGTH = 50
Run = Callable[[str, str, Params], tuple[Answer, dict[str, Any]]]
"""Label, method, parameters → answer and its `time`; raises RestError."""


@dataclass(slots=True)
class Batch:
    """The five maps of a batch's answer while it runs."""

    result: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Any] = field(default_factory=dict)
    totals: dict[str, Any] = field(default_factory=dict)
    nexts: dict[str, Any] = field(default_factory=dict)
    times: dict[str, Any] = field(default_factory=dict)

    def run(self, params: Params, run: Run, harm: Mapping[int, RestError | None]) -> dict[str, Any]:
        """Run the commands; `harm` makes one fail, or (None) leaves it out of the answer."""
        halt = php.truthy(params.get("halt"))
        for at, (label, command) in enumerate(php.items(params.get("cmd"))):
            try:
                if at in harm:
                    self._harm(harm[at])
                    continue
                self._one(at, label, php.text(command), run)
            except RestError as error:
                self.errors[label] = {
                    "error": error.code,
                    "error_description": error.description,
                }
                if halt:
                    break
        return {
            "result": php.php_map(self.result),
            "result_error": php.php_map(self.errors),
            "result_total": php.php_map(self.totals),
            "result_next": php.php_map(self.nexts),
            "result_time": php.php_map(self.times),
        }

    @staticmethod
    def _harm(error: RestError | None) -> None:
        if error is not None:
            raise error

    def _one(self, at: int, label: str, command: str, run: Run) -> None:
        if at >= LENGTH:
            raise RestError(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
        method, _, query = command.partition("?")
        if method == "batch":
            message = "Method is not allowed for batch usage"
            raise RestError(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", message)
        params = php.parse_query(query)
        if "$result" in query or "%24result" in query:  # resolved after the query was read
            params = php.resolve(params, self.result)
        answer, time = run(label, method, params)
        self.result[label] = answer.result
        self.times[label] = time
        if answer.total is not None:
            self.totals[label] = answer.total
        if answer.next is not None:
            self.nexts[label] = answer.next
