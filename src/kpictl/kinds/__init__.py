"""The shelf of KPI kinds: verb → class. A new kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from kpictl.kinds.average import Average
from kpictl.kinds.base import Kind
from kpictl.kinds.conversion import Conversion
from kpictl.kinds.count import Count
from kpictl.kinds.formula import Formula
from kpictl.kinds.manual import Manual
from kpictl.kinds.max import Max
from kpictl.kinds.median import Median
from kpictl.kinds.min import Min
from kpictl.kinds.percentile import Percentile
from kpictl.kinds.ratio import Ratio
from kpictl.kinds.share import Share
from kpictl.kinds.stddev import Stddev
from kpictl.kinds.sum import Sum

KINDS: Mapping[str, type[Kind]] = {
    kind.verb: kind
    for kind in (
        Count,
        Sum,
        Average,
        Median,
        Percentile,
        Min,
        Max,
        Stddev,
        Share,
        Ratio,
        Conversion,
        Formula,
        Manual,
    )
}
