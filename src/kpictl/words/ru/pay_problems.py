"""Ошибки в разделах плана, по которым платят."""

TEXTS: dict[str, str] = {
    "plan.pay_scale": "здесь нужна одна шкала: bands или curve",
    "plan.pay_scale.hint": (
        'пишите {bands: {0: 0, 80: 50, ">100": 130}} или {curve: {70: 50, 100: 100}}'
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
        "пишите {of: revenue, rate: 3} или {of: revenue, marginal: {0: 3, 100: 5}}"
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
    "pay.of_departments": "строки этой карты — отделы, а премию получают люди",
    "pay.of_departments.hint": (
        "перенесите bonus на карту людей; показатель отдела там пишется level: department"
    ),
    "pay.unknown_fund": "фонда «{name}» нет",
    "pay.unknown_fund.hint": "опишите его в funds",
    "pay.unknown_pool": "фонда «{name}», который делят, нет",
    "pay.unknown_pool.hint": "опишите его в pools",
    "pay.kpi_not_on_card": (
        "показателя {name} на этой карте нет, так что нет и выполнения его плана"
    ),
    "pay.kpi_not_on_card.hint": "добавьте его на карту, можно с весом 0; на карте: {known}",
    "pay.prorate_silent": "не сказано, сколько получит тот, кто работал не весь месяц",
    "pay.prorate_silent.hint": (
        "добавьте prorate: {by: worked_days, absences: [paid_absence, sick, unpaid]} или "
        "prorate: none"
    ),
    "pay.prorate_absences": "не сказано, какие отсутствия уменьшают премию",
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
        "есть index, salary, days, показатели и их attainment, score, "
        "target; за department., company., scorecard. — то же у всех"
    ),
    "pay.too_many_digits": "в «{text}» получается слишком длинное число",
    "pay.too_many_digits.hint": "округлите: round(…, 2)",
    "pay.period": "премия считается за целые месяцы, а {period} не из них",
    "pay.period.hint": "возьмите месяц, квартал, полугодие или год",
    "pay_table.empty": "пустая ячейка в колонке «{caption}»: без этого строка не действует",
    "pay_table.empty.hint": "заполните ячейку или уберите строку",
    "pay_table.nobody": "в списке сотрудников нет «{name}»",
    "pay_table.nobody.hint": ("деньги, которые никому не достанутся, не считаются"),
    "pay_table.period": "«{given}» не месяц и не квартал",
    "pay_table.period.hint": "пишите 2024-05, май 2024 или 2024-Q2",
    "pay_table.id_twice": "номер {id} уже есть: {place}",
    "pay_table.id_twice.hint": "дайте каждой строке свой номер: по нему её находят в отчёте",
    "pay_table.kopecks": "{given} — доли копейки",
    "pay_table.kopecks.hint": "округлите сумму до копейки",
    "pay_table.unknown_kpi": "показателя «{name}» нет",
    "pay_table.unknown_kpi.hint": "есть: {known}",
    "pay_table.unknown_part": "части премии «{name}» нет",
    "pay_table.unknown_part.hint": "есть: {known}",
    "pay_table.reduction": "премию снижают на 0–100 %, а не на {given}",
    "pay_table.reduction.hint": "пишите процент снижения: 50",
    "pay.salaries_open": "файл окладов {file} могут прочитать другие (права {mode})",
    "pay.salaries_open.hint": "закройте его: chmod 600 {file}",
    "pay.salary_twice": "второй оклад с того же дня: {name}, первый — {place}",
    "pay.salary_twice.hint": "оставьте один",
    "pay.salary_of_which": "{name} занимает два назначения сразу: к какому из них этот оклад?",
    "pay.salary_of_which.hint": "напишите оклады в строках назначений: столбец salary (Оклад)",
    "pay.without_people": "эта таблица называет сотрудников, а списка сотрудников в sources нет",
    "pay.without_people.hint": "добавьте источник employees",
    "pay.draw_since": (
        "аванс (draw) отрабатывают в следующих месяцах, а не сказано, с какого месяца считать"
    ),
    "pay.draw_since.hint": "добавьте pay: {since: 2024-01}",
    "pay.no_index": "премия не посчитана, потому что нет индекса: {names}",
    "pay.no_figure": "премия не посчитана, потому что не известно {lacks}: {names}",
    "pay.no_salary": "премия не посчитана, потому что не известен оклад: {names}",
    "pay.no_pool": (
        "премия не посчитана, потому что для {lacks} за этот период нет суммы: {names}"
    ),
    "pay.gate_unknown": (
        "условие «{gate}» не проверено: не известна величина, о которой оно; не "
        "действует для: {names}"
    ),
    "pay.by_record": (
        "у {kpi} нет числа на каждую запись, так что нет и ставок по записям, и "
        "выплаты по поступлениям"
    ),
    "pay.by_record.hint": "возьмите показатель вида {kinds}, у записей которого есть владелец",
    "pay.by_record_level": (
        "{kpi} на этой карте общий (level: {level}), и чьи записи оплачивать, не сказано"
    ),
    "pay.by_record_level.hint": (
        "уберите level или назовите в of показатель, который у каждого свой"
    ),
    "pay.release_key": "«{given}» не говорит, какой платёж относится к какой записи",
    "pay.release_key.hint": "пишите key: id = deal_id — поле записи = поле платежа",
    "pay.release_of": ("по {entity} не видно, сколько денег ждать: числового поля {field} нет"),
    "pay.release_of.hint": "назовите поле с суммой записи: of: …",
    "pay.no_rate": "нет ставки для {fields}: {values}",
    "pay.no_rate.hint": (
        "добавьте ставки или other: … для всех прочих; таких записей {n}, первая — {example}"
    ),
    "pay.rate_twice": "ставка для {values} с этого же дня уже есть: {other}",
    "pay.rate_twice.hint": (
        "оставьте одну или укажите в столбце from, с какого дня действует вторая"
    ),
    "pay.bad_rate": "{column}: «{value}» не читается",
    "pay.bad_rate.hint": "ставка — число (3 или 2,5 %), from — дата; исправьте ячейку",
    "pay.gate_caps_nothing": (
        "условие {gate}: «{then}» ничего не ограничит, у этой премии нет ста процентов: "
        "она не от оклада и не от суммы"
    ),
    "pay.gate_caps_nothing.hint": "ограничьте суммой: cap 20000, или уменьшите: payout * 0.5",
    "pay.negative_amount": ("{path}: сумма меньше нуля ({given}), делить нечего"),
    "pay.negative_amount.hint": "укажите сумму от 0",
    "pay.amount_per": ("{path}: премия считается за месяцы, а сумма указана за меньшее время"),
    "pay.amount_per.hint": "укажите сумму за month, quarter, half или year",
    "pay.amount_adds_up": (
        "{path}: премия накапливается с начала года или квартала, а за какое время эта "
        "сумма, не сказано, и с начала года её было бы столько же, сколько за месяц"
    ),
    "pay.amount_adds_up.hint": "укажите, за что она: 100000/month",
    "pay.changes_within_year": (
        "карта {card} меняется {day}, посреди года, а премия карты {of} считается с "
        "начала года (accumulate: year): у такой премии было бы два правила"
    ),
    "pay.changes_within_year.hint": "меняйте карты с 1 января или уберите accumulate",
    "pay.changes_within_quarter": (
        "карта {card} меняется {day}, посреди квартала, а премия карты {of} считается с "
        "начала квартала (accumulate: quarter): у такой премии было бы два правила"
    ),
    "pay.changes_within_quarter.hint": (
        "меняйте карты с первого дня квартала или уберите accumulate"
    ),
    "pay.pool_undivided": ("фонд «{pool}» ({sum}) не разделён: доля у всех равна нулю"),
    "pay.pool_exceeded": (
        "из фонда «{pool}» ({sum}) начислено {paid}: доли умножены на коэффициенты"
    ),
    "pay.pool_exceeded.hint": (
        "умножьте на коэффициент то, по чему фонд делится (by), или ограничьте сумму через funds"
    ),
    "pay.balance_dropped": ("отрицательный остаток {sum} в следующем периоде не учтётся: {names}"),
    "pay.balance_dropped.hint": "чтобы остатки переносились, добавьте pay: {since: {since}}",
    "pay.amount_growth": ("{path}: рост к прошлому периоду здесь не годится, от чего его считать"),
    "pay.amount_growth.hint": "укажите сумму: 100000/month",
    "pay.amount_kopecks": ("{path}: сумма мельче копейки ({given})"),
    "pay.amount_kopecks.hint": "округлите до копеек",
    "pay.longer_period": (
        "{what}: период {of} длиннее того, за который считается премия, и в ней не учтён: {name}"
    ),
    "pay.longer_period.hint": "укажите в таблице месяц, в котором это учесть",
    "plan.same_bound": "одна и та же граница дважды: {given}",
    "plan.same_bound.hint": 'оставьте одну; граница, которая сама не входит: ">100"',
}
