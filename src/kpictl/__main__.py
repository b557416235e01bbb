"""`python -m kpictl`."""

from kpictl.cli import main

main()
