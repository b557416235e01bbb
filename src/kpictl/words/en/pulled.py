"""What is said of records that were pulled from a portal, in English."""

TEXTS: dict[str, str] = {
    # what is not there
    "portal.nothing_pulled": "{source}: nothing has been pulled from the portal yet",
    "portal.nothing_pulled.hint": "run kpictl pull",
    "portal.not_pulled": "{source}: {entity} have not been pulled from the portal",
    "portal.not_pulled.hint": "run kpictl pull",
    "portal.not_granted": "{source}: {entity} have not been pulled from the portal: the key lacks"
    " the permission “{scope}”",
    "portal.not_granted.hint": "Bitrix24 → Applications → Developer resources → Other → Incoming"
    " webhook → permissions: tick “{scope}”, save, and run kpictl pull; those of an application"
    " stand in its card",
    "portal.fields_not_pulled": "{source}: of {entity} these fields have not been pulled: {fields}",
    "portal.fields_not_pulled.hint": "run kpictl pull: it brings what the plan needs by now",
    "portal.no_entity": "a portal has no {entity}",
    "portal.no_users": "{source}: no users have been pulled: numbers stand in place of names",
    "portal.no_users.hint": "give the key the right user (users) and run kpictl pull",
    # what is left out or half there
    "portal.partial": "{entity}: only records changed since {since} were pulled, earlier ones are"
    " missing",
    "portal.partial.hint": "run kpictl pull --full",
    "portal.templates": "{entity}: {count} {count|template|templates} of recurring deals not"
    " counted",
    "portal.own_companies": "{entity}: {count} own {count|company|companies} (the company's own"
    " details) not counted",
    "portal.orphans": "{entity}: {count} {count|row|rows} whose {parent} are not there (deleted, or"
    " out of sight) not counted",
    "portal.bad_value": "{entity} {id}, {caption}: “{value}” cannot be read, {kind} is expected",
    "portal.bad_value.hint": "correct the record in the CRM and pull, or leave such values out:"
    " on_bad_value: skip",
    "portal.more_bad_values": "{entity}, {caption}: {more} more of such values",
    "portal.skipped_value": "{entity} {id}, {caption}: “{value}” was not read, the value is left"
    " out",
    # values that are never there
    "portal.no_value": "{field} never holds the value “{value}”",
    "portal.one_of_several": "{field} may hold several values at once: it equals “{value}” only"
    " where that is the only one",
    "portal.one_of_several.hint": "write contains({name}, '{value}')",
    "lint.constant": "{text} compares a text with a text: the same for every record",
    "lint.constant.hint": 'the name of a field stands in double quotes: "{name}"',
    # what figures stand on
    "source.closed_by_history": "{entity}: the moment of closing is that of the stage history"
    " ({history}), “{caption}” ({moved}), the close date ({planned})",
    "portal.rates": "{entity}: rates of the portal as of {day} are taken: {rates}",
    "portal.rates_of_today": "{entity}: rates of the portal as of {day} are taken, later than the"
    " period: {rates}",
    "portal.rates_of_today.hint": "write the rates of the time in the plan, or figures of the past"
    " will move: rates: {USD: {2024-05-01: 92.1}}",
    "portal.people_named": "no source lists employees: without who, the scorecards hold the"
    " portal's users whom records name",
    # people
    "portal.name_for_number": "{field} holds numbers of users here: it is never “{name}”",
    "portal.name_for_number.hint": "write the user's number: {field} = '{id}'",
    "people.account": "user {id}",
    "people.account_of_whom": "user {id} of the portal, “{name}”: which of the employees is that?"
    " ({people})",
    "people.account_of_whom.hint": "give the employees file their e-mails, or a column aliases with"
    " the numbers of their users",
}
