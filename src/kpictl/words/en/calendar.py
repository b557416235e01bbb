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
}
