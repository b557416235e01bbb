"""Замечания `check` к плану и к данным, по-русски: `lint.` и имя правила."""

TEXTS: dict[str, str] = {
    # как их отключить
    "plan.silence_reason": "замечание отключено без причины",
    "plan.silence_reason.hint": "напишите, почему здесь так и надо: тот, кто прочтёт план после"
    " вас, должен это понять",
    "lint.unused_silence": "«{id}» отключено ({reason}), но замечать больше нечего",
    "lint.unused_silence.hint": "уберите эту строку из lint",
    "check.silenced": "отключено: {reason}",
    "check.turn_off": "Если так задумано, отключите замечание в плане: lint: {ignore: {{id}:"
    " причина}}",
    "check.silenced_count": "{n|Отключено|Отключены|Отключено} в плане: {n}"
    " {n|замечание|замечания|замечаний} (check -v покажет)",
    # карты и показатели
    "lint.many_kpis": "в карте {card} {count} KPI с весом: за столькими человеку не уследить",
    "lint.many_kpis.hint": "оставьте пять-семь главных",
    "lint.light": "{kpi} весит всего {weight} %: на индекс он не повлияет",
    "lint.light.hint": "дайте не меньше 5 или уберите из карты",
    "lint.heavy": "{kpi} весит {weight} %: остальное в карте {card} можно не делать",
    "lint.heavy.hint": "оставьте не больше 60",
    "lint.count_without_quality": "в карте {card} всё о количестве ({kpis}) и ничего о качестве:"
    " выгодно делать много и как попало",
    "lint.count_without_quality.hint": "добавьте среднее, долю, конверсию, оценку или сумму денег,"
    " с весом или условием в gates",
    "lint.same_records": "{first} и {second} растут от одних и тех же записей ({entity}): каждая"
    " засчитывается дважды, вместе это {weight} % индекса",
    "lint.same_records.hint": "оставьте один из них или замените второй средним или долей",
    "lint.manual_weight": "в карте {card} {weight} % индекса вносят руками ({kpis}): это"
    " не проверить по записям",
    "lint.manual_weight.hint": "оставьте ручным не больше 20",
    "lint.company_weight": "в карте {card} {weight} % индекса у всех одни ({kpis}, level: company):"
    " сотрудник на них почти не влияет",
    "lint.company_weight.hint": "оставьте показателям компании не больше 50",
    "lint.period_conversion": "{kpi}: при basis: period один поздний успех даст и 300 %,"
    " если новых записей мало",
    "lint.period_conversion.hint": "допишите min_n: 10 или выберите basis: cohort",
    "lint.negative_points": "{kpi} может отнять баллы (floor: {floor}): один плохой показатель"
    " съест заработанное другими",
    "lint.negative_points.hint": "оставьте floor: 0, а недопустимое вынесите в gates: условие"
    " выплаты индекс не меняет",
    "lint.fine": "«{name}»: слово «{word}» говорит о наказании рублём, а штрафов трудовое право"
    " не знает (ст. 192 ТК РФ)",
    "lint.fine.hint": "назовите условием, при котором премия не начисляется",
    # что платит план
    "check.of.salary": "оклада",
    "check.of.part": "этой части",
    "check.term.kind": "вид премии (label)",
    "check.term.conditions": "условия (шкала или gates)",
    "check.term.due": "срок выплаты (pay.due)",
    "lint.pay_cliff": "на {figure} = {edge} выплата прыгает с {before} до {after} %: эта ступень"
    " стоит {worth}",
    "lint.pay_cliff.hint": "у края ступени сделки придерживают или торопят: сделайте ступени мельче"
    " или замените их прямыми (curve)",
    "lint.whole_tier": "{kpi}: на {edge} ставка со всей суммы прыгает с {before} до {after} %,"
    " в этой точке это {money}; таких ступеней {steps}",
    "lint.whole_tier.hint": "marginal берёт каждую ставку только со своей ступени и не прыгает",
    "lint.falling_scale": "шкала по {figure} падает: больше сделано, меньше заплачено",
    "lint.falling_scale.hint": "проверьте проценты: каждая следующая ступень не ниже прежней",
    "lint.unreachable_band": "до {edges} на шкале по {figure} не дойти: больше {highest} не бывает"
    " при этих весах и cap",
    "lint.unreachable_band.hint": "поднимите cap у показателей или уберите эти ступени",
    "lint.idle_gate": "условие «{gate}» ({when}) никогда не сработает: таких значений не бывает",
    "lint.idle_gate.hint": "проверьте границу и единицу: проценты пишутся 25, не 0.25",
    "lint.negative_pay": "здесь ниже нуля ({least}): заработанное отнимают, а штрафов трудовое"
    " право не знает (ст. 192 ТК РФ)",
    "lint.negative_pay.hint": "оставьте 0: премия не начисляется; исправления вносите отдельными"
    " строками (pay: {adjustments: …})",
    "lint.no_ceiling": "карта {card}: у премии нет наибольшей суммы ({parts})",
    "lint.no_ceiling.hint": "одна большая сделка может съесть фонд: есть cap у премии и у её"
    " частей, а у карты fund",
    "lint.highest_pay": "карта {card}: больше чем {most} в месяц не получит никто (доказано по"
    " шкалам)",
    "lint.highest_pay.hint": "сверьте с фондом",
    "lint.missing_terms": "карта {card}: положение о премировании должно назвать и это (ст. 135 ТК"
    " РФ), а в плане нет: {terms}",
    "lint.missing_terms.hint": "допишите, чтобы план и положение говорили одно",
    # планы против истории
    "lint.target_unreachable": "{kpi}, план {target} ({names}): за прошлый год ({periods}"
    " {periods|период|периода|периодов}) столько было {reached} раз из {facts}; медиана {median},"
    " лучше {bound} бывает раз из двадцати",
    "lint.target_unreachable.hint": "недостижимое не подгоняет: снизьте план или скажите в lint,"
    " что изменилось",
    "lint.target_trivial": "{kpi}, план {target} ({names}): за прошлый год ({periods}"
    " {periods|период|периода|периодов}) столько было {reached} раз из {facts}; медиана {median},"
    " хуже {bound} бывает раз из десяти",
    "lint.target_trivial.hint": "план, который выполнен без усилий, ничего не меняет: поднимите",
    # признаки в записях: флажок с цифрами, а не обвинение
    "lint.late_wins": "{names}, {kpi}: {count} из {whole} ({share} %) пришлись на последние рабочие"
    " дни {days}, обычно {usual} %; на сумму {money}; записи: {ids}",
    "lint.late_wins.hint": "посмотрите, когда они на деле закрыты: kpictl explain {id} -p {period}",
    "lint.quick_wins": "{names}, {kpi}: {count} из {whole} выиграны не позже чем через {minutes}"
    " мин после создания; на сумму {money}; записи: {ids}",
    "lint.quick_wins.hint": "так бывает, когда сделку заносят задним числом: посмотрите, kpictl"
    " explain {id} -p {period}",
    "lint.won_by_others": "{names}, {kpi}: {count} из {whole} ({share} %) перевёл в выигранные"
    " кто-то другой; на сумму {money}; записи: {ids}",
    "lint.won_by_others.hint": "так бывает, когда ответственного меняют перед самой победой:"
    " посмотрите, kpictl explain {id} -p {period}",
    "lint.date_moved": "{names}, {kpi}: {count} из {whole} попали в период {period} по дате"
    " {field}, а стадия изменена до него или после; на сумму {money}; записи: {ids}",
    "lint.date_moved.hint": "{field} правят руками: считайте по when: closed_at",
    "lint.tiny_deals": "{names}, {kpi}: {count} из {whole} ({share} %) меньше десятой части"
    " медианы, обычно {usual} %; на сумму {money}; записи: {ids}",
    "lint.tiny_deals.hint": "там, где считают штуки, помогает порог: where: … and amount >= …",
    "lint.highest_fund": "карта {card}: {people} {people|человек|человека|человек} вместе"
    " получат за {period} не больше {most} (доказано по шкалам; без оклада: {unknown})",
    "lint.highest_fund.hint": "сверьте с фондом или ограничьте его: fund",
}
