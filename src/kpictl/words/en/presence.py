"""What is said of absences and shifts, in English."""

TEXTS: dict[str, str] = {
    "absences.unknown_code": "absences: the plan does not say what “{code}” means ({count}"
    " {count|cell|cells}: {places})",
    "absences.unknown_code.hint": "map it under absences: codes: to worked, paid_absence, unpaid"
    " or sick",
    "absences.nobody": "absences: the list of employees has no “{name}”",
    "absences.nobody.hint": "write the name, the e-mail or the id as in the list",
    "absences.backwards": "{name}: the absence ends on {last}, before it begins on {first}",
    "absences.backwards.hint": "correct one of the two days; to is the last day, included",
    "absences.no_month": "the columns of the timesheet are days of a month, and nothing says which",
    "absences.no_month.hint": "say it under absences: period: 2024-05; or call them 01.05.2024 …",
    "absences.no_days": "neither absences (from, kind) nor a timesheet (a column a day): {known}",
    "absences.no_days.hint": "call the columns employee, from, to, kind; or, of a timesheet,"
    " 01.05.2024 …",
    "absences.too_long": "{name}: the absence “{code}” of {day} has {hours} hours, and the day"
    " {norm}; it counts as one whole day",
    "absences.too_long.hint": "correct the hours, or leave them out: without hours it is the whole"
    " day",
    "absences.without_people": "nobody lists the employees: whose absences these are is not known",
    "absences.without_people.hint": "add employees: employees.csv to a source",
    "plan.file_or_from": "{path} needs file: or from:, one of both",
    "plan.file_or_from.hint": "file: table.csv, or from: with the name of an entity of a source",
    "shifts.unknown_code": "shifts: the plan does not say what “{code}” means ({count}"
    " {count|cell|cells}: {places})",
    "shifts.unknown_code.hint": 'add it under calendar: shifts: codes, like N: "20:00-08:00" or'
    " V: off",
    "shifts.nobody": "shifts: the list of employees has no “{name}”",
    "shifts.nobody.hint": "write the name, the e-mail or the id as in the list",
    "shifts.no_month": "the columns of the shifts are days of a month, and nothing says which",
    "shifts.no_month.hint": "say it under calendar: shifts: period: 2024-05; or call them"
    " 01.05.2024 …",
    "shifts.no_days": "neither a list of shifts (day, from, to) nor a roster (a column a day):"
    " {known}",
    "shifts.no_days.hint": "call the columns employee, day, from, to or shift; or, of a roster,"
    " 01.05.2024 …",
    "shifts.overlap": "{name}: the shift of {day} begins before the one before it ends ({other})",
    "shifts.overlap.hint": "correct the hours of one of them, or delete the one too many",
    "shifts.bad_length": "{given}: there is no such shift",
    "shifts.bad_length.hint": "a shift lasts a day at most, and longer than nothing; an end beyond"
    " midnight is simply written: from 20:00 to 08:00",
    "shifts.bad_time": "“{given}” is no time of a shift",
    "shifts.bad_time.hint": "write 08:00 next to a column of days, or a day with a time:"
    " 2024-05-01 08:00",
    "shifts.without_people": "nobody lists the employees: whose shifts these are is not known",
    "shifts.without_people.hint": "add employees: employees.csv to a source",
    "compute.beyond_shifts": "the shifts do not reach over the whole period (none between {first}"
    " and {last}); there the usual hours hold: {names}",
    "compute.beyond_shifts.hint": "add the days that are lacking to the table of shifts",
}
