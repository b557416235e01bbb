"""Шаги премии: слова для расчёта по строке."""

TEXTS: dict[str, str] = {
    "pay.fixed": "{sum} в месяц",
    "pay.salary": "оклад {base} × {share} %",
    "pay.by_index": "индекс {index} → {percent} %",
    "pay.by_kpi": "{kpi}: выполнение {attainment} % → {percent} %, вес {weight}",
    "pay.by": "{of} = {value} → {percent} %",
    "pay.percent": "× {percent} %",
    "pay.gate_percent": "условие «{gate}»: не больше {limit} % (было {before} %)",
    "pay.factor": "{name}: {of} = {value} → × {percent} %",
    "pay.gate": "условие «{gate}»: {then}",
    "pay.gate_cap": "условие «{gate}»: не больше {limit}",
    "pay.prorate": "за отработанное время: {days} из {of}",
    "pay.cap": "потолок {limit}",
    "pay.sum": "всего",
    "pay.guarantee": "гарантия {percent} % от {full}",
    "pay.commission": "{fact} × {rate} %",
    "pay.commission.whole": "выполнение {reached} % → {rate} % от {fact}",
    "pay.commission.marginal": "по ступеням от {fact}, выполнение {reached} %",
    "pay.piece": "{count} × {rate}",
    "pay.pool": "фонд {size}: доля {weight} из {of}",
    "pay.pool.not_eligible": "в фонде не участвует: не выполнено {when}",
    "pay.fund": "фонд {size} меньше начисленного {computed}: все доли уменьшены",
    "pay.sanction": (
        "приказ {order} от {day}: снижение {wanted}, не больше {cap_percent} % от {base}; "
        "не начисляется {reduction}"
    ),
    "pay.accumulated": "с начала {due}, выплачено раньше {paid}",
}
