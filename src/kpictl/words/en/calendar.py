"""What is said of working time, in English."""

TEXTS: dict[str, str] = {
    "plan.hours": "“{given}” is no hours",
    "plan.hours.hint": 'write "09:00-18:00", several with a comma, "22:00-06:00" over'
    " midnight, or off",
    "plan.weekday": "“{given}” is no day of the week",
    "plan.weekday.hint": "write mon, mon-thu or sat, sun: the days are {known}",
    "plan.weekday_twice": "the hours of {day} are here twice",
    "plan.weekday_twice.hint": "let each day of the week be named once",
    "plan.day": "“{given}” is no day",
    "plan.day.hint": "write 2024-05-31 or 31.05.2024",
    "plan.country": "no calendar knows the country “{given}”",
    "plan.country.hint": "write its code: RU, BY, KZ, DE, a part of it DE-BY; there are {known}",
    "plan.hours_and_cycle": "hours by day of the week and a cycle of shifts cannot both be true",
    "plan.hours_and_cycle.hint": "keep one; the hours of shifts stand in the days of the cycle",
    "expr.no_calendar": "{name} asks when people work, and the plan has no calendar",
    "expr.no_calendar.hint": 'add a section calendar: {country: RU, hours: "09:00-18:00"}',
    "calendar.unknown_year": "the working days of {year} are asked for, and the calendar of"
    " {country} is not certain of that year",
    "calendar.unknown_year.hint": "name the file of a production calendar (XML, as published), or a"
    " table of all days off and years: [{year}], in calendar: {file: …}; or choose another period",
    "calendar.year_not_in_file": "the working days of {year} are asked for, and no file of the"
    " calendar has that year",
    "calendar.year_not_in_file.hint": "add its days off to the file, and to calendar years:"
    " [{year}]",
    "compute.open": "{kpi}: {count} of {n} records {count|is|are} unanswered and count with"
    " the time up to now",
    "explain.open": "not answered yet",
    "kind.open": "open: elapsed asks for a duration up to a date of the records, and "
    "there is none here",
    "kind.open.hint": "write, for example, median: minutes(created_at, first_reply_at), or "
    "leave open out",
    "calendar.bad_day": "“{given}” is no day",
    "calendar.bad_day.hint": "write 2024-05-31 or 31.05.2024, or a stretch of days: "
    "2024-05-02..2024-05-03",
    "calendar.bad_kind": "“{given}” is no kind of day",
    "calendar.no_kind": "it does not say what the day is",
    "calendar.no_kind.hint": "write off, work or short, or its hours: 09:00-15:00",
    "calendar.bad_hours": "“{given}” is neither hours nor a number of them",
    "calendar.bad_hours.hint": "write 09:00-15:00, or 6 for six hours from the usual beginning on",
    "calendar.kind_and_hours": "the day is {kind}, and its hours are “{given}”: both cannot be"
    " true",
    "calendar.kind_and_hours.hint": "keep one of the two cells",
    "calendar.day_twice": "{day} is another kind of day in {other}",
    "calendar.day_twice.hint": "keep one of the two lines",
    "calendar.xml_entities": "the XML declares types or entities of its own, which no calendar"
    " needs",
    "calendar.xml_entities.hint": "take the file as it is published, without a <!DOCTYPE …>",
    "calendar.xml_syntax": "the file {file} cannot be read as XML: {detail}",
    "calendar.xml_syntax.hint": "download it again, or make a table of the days: day, kind",
    "calendar.xml_year": "the file {file} has no year that it is of, but “{given}”",
    "calendar.xml_year.hint": 'the year stands in <calendar year="2028">',
    "calendar.xml_day": "the file {file} has a day that cannot be understood: {given}",
    "calendar.xml_day.hint": 'a day reads <day d="05.09" t="1"/>, t being 1 off, 2 short or 3'
    " worked",
    "calendar.xml_empty": "the file {file} names no day off: it is no production calendar",
    "calendar.xml_empty.hint": "check that it is the right file",
}
