"""The steps of a pay."""

TEXTS: dict[str, str] = {
    "pay.fixed": "{sum} a month",
    "pay.salary": "salary {base} × {share} %",
    "pay.by_index": "index {index} → {percent} %",
    "pay.by_kpi": "{kpi}: attainment {attainment} % → {percent} %, weight {weight}",
    "pay.by": "{of} = {value} → {percent} %",
    "pay.percent": "× {percent} %",
    "pay.gate_percent": "condition “{gate}”: at most {limit} % (was {before} %)",
    "pay.factor": "{name}: {of} = {value} → × {percent} %",
    "pay.gate": "condition “{gate}”: {then}",
    "pay.gate_cap": "condition “{gate}”: at most {limit}",
    "pay.prorate": "for the time worked: {days} of {of}",
    "pay.cap": "cap {limit}",
    "pay.sum": "in all",
    "pay.guarantee": "guarantee {percent} % of {full}",
    "pay.commission": "{fact} × {rate} %",
    "pay.commission.whole": "attainment {reached} % → {rate} % of {fact}",
    "pay.commission.marginal": "by steps of {fact}, attainment {reached} %",
    "pay.piece": "{count} × {rate}",
    "pay.pool": "pool {size}: share {weight} of {of}",
    "pay.pool.not_eligible": "no share in the pool: {when} is not met",
    "pay.fund": "the fund of {size} is less than {computed}: every share is scaled down",
    "pay.sanction": (
        "order {order} of {day}: a reduction of {wanted}, at most {cap_percent} % of {base}; "
        "{reduction} is not due"
    ),
    "pay.accumulated": "since the start {due}, paid before {paid}",
}
