"""Файл для бухгалтерии."""

TEXTS: dict[str, str] = {
    "payroll.sheet": "Ведомость",
    "payroll.ground": "расчёт за {period} по плану {plan} от {as_of}",
    "payroll.control": "Строк: {rows}, контрольная сумма {sum}",
    "payroll.unknown_amounts": "сумма неизвестна, в файле нет: {names}",
    "payroll.unknown_amounts.hint": (
        "добавьте, чего не хватает (kpictl explain pay -e ИМЯ --pay), или выпустите файл "
        "без этих людей: --partial"
    ),
    "payroll.unknown": "в столбце «{caption}» нельзя показать {name}",
    "payroll.unknown.hint": ("есть: {known}; текст пишется в кавычках: \"'П01'\""),
    "payroll.without_payout": "в файле для бухгалтерии нет столбца с суммой",
    "payroll.without_payout.hint": "добавьте столбец: Сумма: payout",
}
