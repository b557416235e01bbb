"""The steps of a pay."""

TEXTS: dict[str, str] = {
    "pay.fixed": "{sum}",
    "pay.fixed.months": "{sum} × {months} {months|month|months}",
    "pay.salary": "{stretches} → {share} % of {base}",
    "pay.by_index": "{index} → {percent} %{scale}",
    "pay.by_kpi": "{kpi}: attainment {attainment} % → {percent} %{scale}, weight {weight} %",
    "pay.by": "{of} = {value}{held} → {percent} %{scale}",
    "pay.percent": "× {percent} %",
    "pay.gate_percent": "“{gate}”: at most {limit} % is earned (it would be {before} %)",
    "pay.factor": "{name}: {of} = {value}{held} → × {percent} %{scale}",
    "pay.gate": "“{gate}”: {then}",
    "pay.gate_cap": "“{gate}”: at most {limit} is earned",
    "pay.prorate": "{days} of {of} ({by})",
    "pay.prorate.months": "{days} of {of} ({by}); by salary and days of each month × {factor} %",
    "pay.of_target": "{percent} % of the target",
    "pay.base.wage": "the salary of the month with the bonus",
    "pay.base.salary": "the salary of the month",
    "pay.cap": "at most {limit}",
    "pay.sum": "in all",
    "pay.guarantee": "at least {percent} % of {full}",
    "pay.commission": "{rate} % of {fact} ({kpi})",
    "pay.commission.whole": "{kpi}: {reached} → {rate} % of {fact}",
    "pay.commission.marginal": "{kpi}: {fact} ({reached}); by steps {tiers}",
    "pay.piece": "{kpi}: {count} × {rate}",
    "pay.pool": "{size} × {weight} / {of} (by {by})",
    "pay.pool.not_eligible": "no share: {when} does not hold ({figures})",
    "pay.fund": "the fund has {size}, {computed} was computed: every share is scaled down alike",
    "pay.pool.own": "{weight} by {by}",
    "pay.fund.own": "scaled down from {before}: the fund does not have as much for everybody",
    "pay.sanction": (
        "order {order} of {day}: a reduction by {percent} % ({wanted}), at most {cap_percent} % of"
        " {base} ({base_of}); {reduction} is not due"
    ),
    "pay.accumulated": "since the start {due}, earned before {paid}",
    "pay.commission.rate": "{values}: {sum} × {rate} % = {of_rate}, records: {count}",
    "pay.commission.rate_other": "any other: {sum} × {rate} % = {of_rate}, records: {count}",
    "pay.commission.rates": "{kpi}: {fact}, each record at its own rate",
    "pay.piece.rate": "{values}: {count} × {rate} = {of_rate}",
    "pay.piece.rate_other": "any other: {count} × {rate} = {of_rate}",
    "pay.piece.rates": "{kpi}: {count}, each record at its own price",
    "pay.release": (
        "by the money received: earned {earned}, paid before {before}, waiting {waiting}"
    ),
    "pay.left": "no longer on the scorecard: what was earned until {last} is released",
}
