"""kpictl: KPI scorecards from CRM records and CSV exports, exact and explainable.

>>> import kpictl                                               # doctest: +SKIP
>>> results = kpictl.compute("kpi.yaml", period="2024-05")      # doctest: +SKIP
>>> results.to_frame()                                          # doctest: +SKIP
"""

from typing import TYPE_CHECKING

from kpictl._version import __version__

if TYPE_CHECKING:
    from kpictl.api import Results, compute, dumps, load_plan, loads

__all__ = ["Results", "__version__", "compute", "dumps", "load_plan", "loads"]


def __getattr__(name: str) -> object:
    """Import the work only when it is asked for: `kpictl --help` needs none of it."""
    if name != "__version__" and name in __all__:
        from kpictl import api

        return getattr(api, name)
    raise AttributeError(name)
