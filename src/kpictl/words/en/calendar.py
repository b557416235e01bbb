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
}
