"""A plan drafted from a portal: its departments, pipelines and custom fields, filled in."""

from __future__ import annotations

from kpictl.scaffold.discover import Department, Pipeline, PortalSummary, portray
from kpictl.scaffold.template import compose

__all__ = ["Department", "Pipeline", "PortalSummary", "compose", "portray"]
