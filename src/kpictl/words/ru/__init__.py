"""All texts in Russian, one module per room that speaks."""

from __future__ import annotations

from kpictl.words.ru import report

TEXTS: dict[str, str] = {**report.TEXTS}
