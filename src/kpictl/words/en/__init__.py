"""All texts in English, one module per room that speaks."""

from __future__ import annotations

from kpictl.words.en import report

TEXTS: dict[str, str] = {**report.TEXTS}
