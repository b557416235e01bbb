"""Ошибки в разделах плана, по которым платят."""

TEXTS: dict[str, str] = {
    "plan.pay_scale": "здесь нужна одна шкала: bands или curve",
    "plan.pay_scale.hint": (
        'пишите {bands: {0: 0, 80: 50, ">100": 130} или {curve: {70: 50, 100: 100}'
    ),
    "plan.pay_rates": "ставки задаются одним способом: table или file",
    "plan.pay_rates.hint": (
        "пишите {by: product, table: {Насосы: 3}, other: 1} или {by: [product, client_type], "
        "file: rates.csv}"
    ),
    "plan.pay_rates_by": "table бывает только по одному полю",
    "plan.pay_rates_by.hint": "по нескольким полям ставки держат в файле: file: rates.csv",
    "plan.pay_commission": "у комиссии должна быть одна форма: rate, marginal, whole или rates",
    "plan.pay_commission.hint": (
        "пишите {of: revenue, rate: 3} или {of: revenue, marginal: {0: 3, 100: 5}"
    ),
    "plan.pay_piece": "сдельной оплате нужна одна ставка: rate или rates",
    "plan.pay_piece.hint": "пишите {of: won_deals, rate: 500}",
    "plan.pay_then": "«{given}» не действие: условие уменьшает выплату",
    "plan.pay_then.hint": "пишите одно из: {forms}",
    "plan.pay_bases": (
        "часть премии берётся от одного: salary_share, fixed, commission, piece или pool"
    ),
    "plan.pay_bases.hint": "сделайте из них несколько частей: parts: {main: …, commission: …}",
    "plan.pay_scales": "процент выплаты берётся с одной шкалы: by_index, by_kpi или by",
    "plan.pay_scales.hint": "оставьте одну; остальное пишите как factors или отдельной частью",
    "plan.pay_pool_by": "доле фонда нужна мера, по которой его делят: выражение в by",
    "plan.pay_pool_by.hint": "пишите {pool: team, by: index} или by: index * salary",
    "plan.pay_eligible": "eligible бывает только у доли фонда",
    "plan.pay_eligible.hint": "для прочих частей есть gates",
    "plan.pay_weights": "веса by_kpi в сумме {total}, нужно 100",
    "plan.pay_weights.hint": "исправьте weight показателей",
    "plan.pay_parts": "премия либо из частей (parts), либо сама часть",
    "plan.pay_parts.hint": "перенесите остальное в parts отдельной частью",
    "plan.pay_no_base": "не сказано, от чего премия",
    "plan.pay_no_base.hint": (
        "добавьте одно из: salary_share, fixed, commission, piece, pool; или parts"
    ),
    "plan.pay_part_no_base": "не сказано, от чего часть «{part}»",
    "plan.pay_part_no_base.hint": "добавьте одно из: salary_share, fixed, commission, piece, pool",
    "pay.of_departments": "{path}: строки этой карты — отделы, а премию получают люди",
    "pay.of_departments.hint": (
        "перенесите bonus на карту людей; показатель отдела там пишется level: department"
    ),
    "pay.unknown_fund": "фонда «{name}» нет",
    "pay.unknown_fund.hint": "опишите его в funds; есть: {known}",
    "pay.unknown_pool": "фонда «{name}», который делят, нет",
    "pay.unknown_pool.hint": "опишите его в pools; есть: {known}",
    "pay.kpi_not_on_card": (
        "показателя {name} на этой карте нет, так что нет и выполнения его плана"
    ),
    "pay.kpi_not_on_card.hint": "добавьте его на карту, можно с весом 0; на карте: {known}",
    "pay.prorate_silent": "{path}: не сказано, сколько получит тот, кто работал не весь месяц",
    "pay.prorate_silent.hint": (
        "добавьте prorate: {by: worked_days, absences: [paid_absence, sick, unpaid]} или "
        "prorate: none"
    ),
    "pay.prorate_absences": "{path}: не сказано, какие отсутствия уменьшают премию",
    "pay.prorate_absences.hint": (
        "пишите prorate: {by: {by}, absences: [paid_absence, sick, unpaid]}; [] — никакие"
    ),
    "pay.prorate_calendar": "чтобы считать {by}, нужен производственный календарь",
    "pay.prorate_calendar.hint": "добавьте calendar: {country: ru} или считайте calendar_days",
    "pay.gates_without_bonus": (
        "условия gates карты {card} ни на что не действуют: премии (bonus) у неё нет"
    ),
    "pay.gates_without_bonus.hint": "добавьте bonus или уберите gates",
    "pay.unused": "{section}.{name} не нужен ни одной премии",
    "pay.unused.hint": "назовите его в bonus карты или уберите",
    "pay.unknown_figure": "величины {name} нет",
    "pay.unknown_figure.hint": (
        "может быть, {near}? Есть index, salary, days, показатели и их attainment, score, "
        "target; за department., company., scorecard. — то же у всех"
    ),
    "pay.too_many_digits": "в «{text}» получается слишком длинное число",
    "pay.too_many_digits.hint": "округлите: round(…, 2)",
    "pay.period": "премия считается за целые месяцы, а {period} не из них",
    "pay.period.hint": "возьмите месяц, квартал, полугодие или год",
}
