"""Шаги премии: слова для расчёта по строке."""

TEXTS: dict[str, str] = {
    "pay.fixed": "{sum}",
    "pay.fixed.months": "{sum} × {months} {months|месяц|месяца|месяцев}",
    "pay.salary": "{stretches} → {share} % от {base}",
    "pay.by_index": "{index} → {percent} %{scale}",
    "pay.by_kpi": "{kpi}: выполнение {attainment} % → {percent} %{scale}, вес {weight} %",
    "pay.by": "{of} = {value}{held} → {percent} %{scale}",
    "pay.percent": "× {percent} %",
    "pay.gate_percent": "«{gate}»: начисляется не больше {limit} % (было бы {before} %)",
    "pay.factor": "{name}: {of} = {value}{held} → × {percent} %{scale}",
    "pay.gate": "«{gate}»: {then}",
    "pay.gate_cap": "«{gate}»: начисляется не больше {limit}",
    "pay.prorate": "{days} из {of} ({by})",
    "pay.prorate.months": "{days} из {of} ({by}); с окладом и днями каждого месяца × {factor} %",
    "pay.of_target": "{percent} % плана",
    "pay.base.wage": "оклад за месяц вместе с премией",
    "pay.base.salary": "оклад за месяц",
    "pay.cap": "не больше {limit}",
    "pay.sum": "всего",
    "pay.guarantee": "не меньше {percent} % от {full}",
    "pay.commission": "{rate} % от {fact} ({kpi})",
    "pay.commission.whole": "{kpi}: {reached} → {rate} % от {fact}",
    "pay.commission.marginal": "{kpi}: {fact} ({reached}); по ступеням {tiers}",
    "pay.piece": "{kpi}: {count} × {rate}",
    "pay.pool": "{size} × {weight} / {of} (по величине: {by})",
    "pay.pool.not_eligible": "не участвует: не выполнено {when} ({figures})",
    "pay.fund": "в фонде {size}, посчитано {computed}: все доли уменьшены одинаково",
    "pay.pool.own": "{weight} по величине: {by}",
    "pay.fund.own": "уменьшено с {before}: на всех столько в фонде нет",
    "pay.sanction": (
        "приказ {order} от {day}: снижение на {percent} % ({wanted}), не больше {cap_percent} % от"
        " {base} ({base_of}); не начисляется {reduction}"
    ),
    "pay.accumulated": "с начала {due}, начислено раньше {paid}",
    "pay.commission.rate": "{values}: {sum} × {rate} % = {of_rate}, записей: {count}",
    "pay.commission.rate_other": "прочие: {sum} × {rate} % = {of_rate}, записей: {count}",
    "pay.commission.rates": "{kpi}: {fact}, у каждой записи своя ставка",
    "pay.piece.rate": "{values}: {count} × {rate} = {of_rate}",
    "pay.piece.rate_other": "прочие: {count} × {rate} = {of_rate}",
    "pay.piece.rates": "{kpi}: {count}, у каждой записи своя расценка",
    "pay.release": (
        "по поступившим деньгам: заработано {earned}, выплачено раньше {before}, ждёт "
        "оплаты {waiting}"
    ),
    "pay.left": "на карте больше не состоит: выплачивается то, что заработано по {last}",
}
