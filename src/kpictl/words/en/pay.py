"""The steps of a pay."""

TEXTS: dict[str, str] = {
    "pay.fixed": "{sum}",
    "pay.fixed.months": "{sum} × {months} {months|month|months}",
    "pay.salary": "{stretches} → {share} % of {base}",
    "pay.by_index": "{index} → {percent} %{scale}",
    "pay.by_kpi": "{kpi}: attainment {attainment} % → {percent} %{scale}, weight {weight} %",
    "pay.by": "{of} = {value} → {percent} %{scale}",
    "pay.percent": "× {percent} %",
    "pay.gate_percent": "“{gate}”: at most {limit} % is earned (it would be {before} %)",
    "pay.factor": "{name}: {of} = {value} → × {percent} %{scale}",
    "pay.gate": "“{gate}”: {then}",
    "pay.gate_cap": "“{gate}”: at most {limit} is earned",
    "pay.prorate": "{days} of {of} ({by})",
    "pay.cap": "at most {limit}",
    "pay.sum": "in all",
    "pay.guarantee": "at least {percent} % of {full}",
    "pay.commission": "{rate} % of {fact} ({kpi})",
    "pay.commission.whole": "{kpi}: {reached} → {rate} % of {fact}",
    "pay.commission.marginal": "{kpi}: {fact}, {reached}; by steps {tiers}",
    "pay.piece": "{kpi}: {count} × {rate}",
    "pay.pool": "{weight} of {of} of a pool of {size} (by {by})",
    "pay.pool.not_eligible": "no share: {when} does not hold ({figures})",
    "pay.fund": "the fund has {size}, {computed} was computed: every share is scaled down alike",
    "pay.pool.own": "{weight} by {by}",
    "pay.fund.own": "scaled down from {before}: the fund does not have as much for everybody",
    "pay.sanction": (
        "order {order} of {day}: a reduction by {percent} % ({wanted}), at most {cap_percent} % of"
        " {base}; {reduction} is not due"
    ),
    "pay.accumulated": "since the start {due}, earned before {paid}",
    "pay.commission.rate": "{values}: {sum} × {rate} %, records: {count}",
    "pay.commission.rate_other": "any other: {sum} × {rate} %, records: {count}",
    "pay.commission.rates": "{kpi}: {fact}, each record at its own rate",
    "pay.piece.rate": "{values}: {count} × {rate}",
    "pay.piece.rate_other": "any other: {count} × {rate}",
    "pay.piece.rates": "{kpi}: {count}, each record at its own price",
    "pay.release": (
        "by the money received: earned {earned}, paid before {before}, waiting {waiting}"
    ),
    "pay.left": "no longer on the scorecard: what was earned until {last} is released",
}
