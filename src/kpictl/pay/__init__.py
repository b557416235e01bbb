"""Pay: rows of scorecards → what is paid for them, each step a figure (kpi-method B2).

Nothing here reads a file or prints: `payments.pay` is given a computation and returns `values.Pay`.
"""
