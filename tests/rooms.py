"""The rooms of the house, and who may import whom: `test_house.py` holds the code to it, and
`make docs` writes it into CONTRIBUTING.md."""

from __future__ import annotations

from collections.abc import Mapping

# Room → the rooms that it may import. What no room may do is not listed; a room inside a folder
# (`plan.fields`) is there because rooms below its folder need it.
TABLE: Mapping[str, str] = {
    # words that everyone shares
    "errors": "",
    "naming": "",
    "words": "",
    "values": "errors",
    "results": "errors values",
    "periods": "errors values",
    "locking": "",
    "masking": "",
    "scratch": "locking",
    "calendar": "errors naming values words",
    "expressions": "calendar naming values",
    # what a plan may say
    "plan.fields": "periods values",
    "catalog": "expressions naming",
    "measure.query": "calendar expressions values",
    "kinds": "errors expressions measure.query plan.fields values",
    "scoring.curves": "plan.fields values",
    "scoring.conditions": "expressions values",
    "plan": "calendar catalog errors expressions kinds masking measure.query naming periods"
    " plan.fields scoring.conditions scoring.curves sources.schema values",
    # who is there, and what is expected
    "people": "calendar errors expressions measure.query naming plan values",
    "scoring.targets": "errors naming people periods plan plan.fields values",
    "pay.paybook": "errors values",
    # the outside world
    "tables": "errors naming",
    "sources.schema": "catalog expressions naming",
    "sources.numbers": "expressions",
    "sources.moments": "",
    "sources.cells": "catalog expressions sources.moments sources.numbers",
    "database": "expressions sources.cells",
    "store": "database errors expressions",
    "sources": "calendar catalog database errors expressions kinds naming pay.paybook people"
    " periods plan plan.fields scoring.targets sources.cells sources.moments sources.numbers"
    " sources.schema store tables values",
    "bitrix24": "",
    "bitrix24.rest": "_version errors locking masking store",
    "bitrix24.read": "bitrix24.rest catalog database errors expressions naming people plan sources"
    " sources.cells sources.numbers sources.schema store values",
    # records → facts → scores → pay
    "engines": "calendar database expressions measure.query values",
    "measure": "database engines errors expressions kinds measure.query naming periods plan sources"
    " values",
    "scoring": "calendar errors measure measure.query naming people plan plan.fields"
    " scoring.conditions scoring.curves scoring.targets values",
    "pay": "errors expressions measure measure.query naming pay.paybook people periods plan"
    " plan.fields scoring scoring.curves scoring.targets sources values",
    # conductors
    "app": "calendar catalog database errors expressions kinds measure measure.query naming pay"
    " pay.paybook people periods plan results scoring scoring.conditions scoring.curves scoring.targets"
    " scratch sources store tables values",
    "bitrix24.sync": "app bitrix24.read bitrix24.rest errors plan sources store",
    "scaffold": "bitrix24.rest bitrix24.sync errors store words",
    "lint": "app calendar errors expressions kinds measure measure.query naming pay people periods"
    " plan plan.fields scoring.curves values",
    # doors
    "report": "app errors kinds naming people scoring values words",
    "api": "app errors periods plan results values",
    "kpictl": "_version api",
    "_version": "",
    "cli": "_version app bitrix24.sync calendar errors lint masking measure naming people periods"
    " plan report results scaffold scoring.targets sources store tables values words",
    "__main__": "cli",
}
# A name that only a type checker reads, or a method that hands its own value on.
ALSO = {
    ("measure", "app"): "the types of the workspace and of the computation that it is asked about",
    ("pay", "app"): "the type of the computation that it is asked about",
    ("values", "report"): "Results.to_frame and to_dict",
}

# A late import that closes a circle of modules, and why it is there.
LATE = {
    ("values", "report.dataframe"): "Results.to_frame hands its value over when it is asked for",
    ("values", "report.json"): "Results.to_dict hands its value over when it is asked for",
}
