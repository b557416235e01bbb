"""What is wrong with the files of records, and remarks on what was read, in English."""

TEXTS: dict[str, str] = {
    # a file as a table
    "table.missing": "there is no file {file}",
    "table.missing.hint": "paths are seen from the folder of the plan",
    "table.missing_near": "there is no file {file}",
    "table.missing_folder": "there is no file {file}, nor a folder {folder}",
    "table.missing_folder.hint": "paths are seen from the folder of the plan",
    "table.no_match": "no file in {folder} fits {pattern}",
    "table.no_match.hint": "check the folder and the pattern",
    "table.directory": "{file} is a folder, and a file is needed",
    "table.directory.hint": "name a file or a pattern: {file}/*.csv",
    "table.no_file": "{file} is a pipe or a device, and a file is needed",
    "table.no_file.hint": "write it to a file first, and name that",
    "table.far_cell": "the sheet “{sheet}” is {rows} rows by {columns} columns large "
    "because of what stands in {cell}, more than can be read",
    "table.far_cell.hint": "delete the rows and columns beyond the table and save, "
    "or copy the table to a new sheet",
    "table.unpacked": "the file {file} holds too much: "
    "its part {member} has {size} MB, packed into {packed} KB",
    "table.unpacked.hint": "save it again in a spreadsheet program, "
    "export less at a time, or take CSV",
    "table.far_time": "a cell of this row is shown as a time and holds a number that is none",
    "table.far_time.hint": "correct the cell or give it the format of a number",
    "table.large_file": "the file {file} has {size} MB, and an old workbook may have {limit}",
    "table.large_file.hint": "save it as XLSX or CSV, or export less at a time",
    "table.unreadable": "the file {file} cannot be opened: {reason}",
    "table.unreadable.hint": "close it in other programs and check the rights",
    "table.empty": "there is nothing in the file {file}",
    "table.empty.hint": "export it again",
    "table.list_is_empty": "the file {file} holds no table but says: “{sentence}”",
    "table.list_is_empty.hint": "remove the filter in the CRM and export again",
    "table.binary": "the file {file} is no table but {kind}",
    "table.binary.hint": "save it as CSV or XLSX",
    "table.not_text": "the file {file} is neither a table nor a text",
    "table.not_text.hint": "save it as CSV or XLSX",
    "table.password": "the file {file} is locked with a password",
    "table.password.hint": "save it without a password",
    "table.encoding": "the letters here cannot be read as {encoding}",
    "table.encoding.hint": "remove encoding, it is recognised by itself, or name another",
    "table.mixed_encoding": "two encodings in one file: UTF-8 up to this line, then windows-1251",
    "table.mixed_encoding.hint": "export the parts again in one encoding",
    "table.encoding_name": "there is no encoding {encoding}",
    "table.encoding_name.hint": "write utf-8 or windows-1251; better, nothing at all",
    "table.sheet": "the file {file} has no sheet “{sheet}”",
    "table.sheet.hint": "there are: {sheets}",
    "table.header_row": "row {row} of the file {file} holds no captions; it has {rows} rows",
    "table.header_row.hint": "name the row with the captions: header: 1",
    "table.ragged": "the line has {cells} {cells|cell|cells}, the table {columns} columns",
    "table.ragged.hint": "mostly a delimiter inside a text is to blame: put the text in quotes;"
    " lines at the end that are no records: footer: 1",
    "table.ragged_of_bare": "the line has {cells} {cells|cell|cells}, the table {columns} columns",
    "table.ragged_of_bare.hint": "mostly a delimiter inside a text is to blame: put the text in"
    " quotes; delete lines at the end that are no records",
    "table.footer": "{count} {count|line is no record and was|lines are no records and were} left"
    " out: {lines}",
    "table.footer.hint": "if it is a record after all: footer: 0",
    "table.title": "row {row} looks like a title, the captions like row {captions}",
    "table.title.hint": "say where the captions are: header: {captions}",
    "table.title_of_bare": "line {row} looks like a title, and the captions seem to stand on line"
    " {captions}",
    "table.title_of_bare.hint": "take the lines above the captions out of the file",
    "table.footer_of_bare": "{count} {count|line is no record and left out|lines are no records and"
    " left out}: {lines}",
    "table.footer_of_bare.hint": "if it is a record, fill its empty cells and take out the word for"
    " a total",
    "table.quote": "a quote is opened here and not closed where it should be",
    "table.quote.hint": "close it; inside a text a quote is written twice",
    "table.columns": "the captions are {columns} cells, more than the {most} of a spreadsheet",
    "table.columns.hint": 'is the delimiter right? Write it: delimiter: ";"',
    "table.long": "the line is longer than 16 MB: a quote above seems to be open",
    "table.long.hint": "find the open quote, or export the file again",
    # a table on its side
    "unpivot.sideways": "{entity} has no field {name}, and the captions of {file} are days or"
    " months: {captions}",
    "unpivot.sideways.hint": "if each of these cells is a record, turn the table:"
    " unpivot: {into: {day: caption, mark: value}}",
    "unpivot.no_dates": "no column of {file} has a caption that is a day or a month: {known}",
    "unpivot.no_dates.hint": "say on which lines the captions stand, header: 2 or header: [2, 3],"
    " or which columns are meant, columns: [first, second]",
    "unpivot.no_period": "of which month are the days in the captions of {file}: {known}?",
    "unpivot.no_period.hint": "say it: period: 2024-06 (of months without a year: period: 2024)",
    "unpivot.no_column": "{file} has no column {columns} to be turned into records",
    "unpivot.no_column.hint": "there are: {known}",
    "unpivot.no_fit": "no caption of {file} fits {columns} as a whole",
    "unpivot.no_fit.hint": "there are: {known}",
    "unpivot.period": "“{caption}” and the like are read as {period}, which {where} says",
    "unpivot.period.hint": "if it is another month: period: 2024-06",
    "unpivot.totals": "{count} {count|column is a total and was|columns are totals and were} left"
    " out: {columns}",
    "unpivot.impossible": "{count} {count|column is|columns are} headed by a number that is no day"
    " of the month, and left out with what is in {count|it|them}: {columns}",
    # a look-up
    "lookup.not_unique": "{entity}: “{value}” stands more than once in {key}, which of these"
    " records is meant? {lines}",
    "lookup.not_unique.hint": "a key of a look-up has one record: keep one line for each ({count}"
    " {count|key|keys} of this kind)",
    "lookup.no_partner": "{entity}.{field}: {count} {count|record has|records have} a key that no"
    " record of {other} has in {key}: {keys}",
    "lookup.no_partner.hint": "add the missing keys to {other}, or correct them",
    # a source
    "source.entity_twice": "another source already has {entity}: whose records are right?",
    "source.entity_twice.hint": "keep one; several files make a list: [a.csv, b.csv]",
    "source.products_without_id": "the file has product columns but no ID: the lines of a"
    " deal cannot be put together, and amounts would be wrong",
    "source.products_without_id.hint": "export the deals with the column ID,"
    " or without product columns",
    "source.no_column": "there is no column “{caption}” in the file {file}",
    "source.bad_value": "{caption}: “{value}” cannot be read, {kind} is expected",
    "source.bad_value.hint": 'correct the cell; values like “-” are listed in empty: ["-"],'
    " the value can be left out, the record then stays: on_bad_value: skip",
    "source.bad_date": "{caption}: “{value}” cannot be read, {kind} is expected",
    "source.bad_date.hint": "correct the cell, or say how dates are written: dates: dmy,"
    ' or a form as dates: "%d/%b/%y"; what means nothing stands in empty: ["-"]; the value'
    " can be left out: on_bad_value: skip",
    "source.time_among_days": "{caption}: “{value}” cannot be read, the column holds days without a"
    " time",
    "source.time_among_days.hint": "if its cells are moments, declare {caption} with"
    " type: datetime; if only the day counts, with type: date",
    "source.too_fine": "{caption}: “{value}” has more than 10 decimals, which are not kept",
    "source.too_fine.hint": "round it in the export, or say to how many places:"
    " fields: {{field}: {column: {caption}, decimals: 2}}",
    "source.more_bad_values": "{caption}: {more} more of such cells",
    "source.far_date": "{caption}: “{value}” is far behind all other dates and {as_of}; it counts"
    " in no period before, and does not say how far the data reach",
    "source.far_date.hint": "correct the year of the cell",
    "source.more_far_dates": "{caption}: {more} more of such dates",
    "source.skipped_value": "{caption}: “{value}” was not read, the value is left out",
    "source.employees_without_name": "what are the employees called? no column of names or e-mails",
    "source.employees_without_name.hint": "call a column “Employee” or “Email”; there are: {known}",
    "source.employee_twice": "the employee {id} is already in line {line}, and nothing says which"
    " line holds when: whose records are whose?",
    "source.employee_twice.hint": "of one person with several posts say from when to when each"
    " line holds: columns from and to (the last day); of two people give different ids",
    "source.assignment_backwards": "{name}: the post ends on {last}, before it begins on {first}",
    "source.assignment_backwards.hint": "correct one of the two days; to is the last day, included",
    "source.assignments_overlap": "{name}: two posts at once from {first} to {last} (the other:"
    " {other}): to which do the records of these days belong?",
    "source.assignments_overlap.hint": "let the earlier one end the day before the later begins; of"
    " posts held together both say their fte, and differ in position or department",
    "source.assignment_gap": "{name}: in no post from {first} to {last} ({days}"
    " {days|day|days}): their records of these days are nobody's",
    "source.assignment_gap.hint": "correct from or to; or if they were not there, write left",
    "source.assignment_of_nobody": "the list of employees has no “{name}”: this post is nobody's",
    "source.assignment_of_nobody.hint": "write the name, the e-mail or the id as in the list",
    "source.bad_rate": "the rate cannot be read: {value}",
    "source.rate_size": "the rate {given} has more than {places} digits before the point or"
    " behind it",
    "source.rate_size.hint": "write it with fewer digits",
    "source.bad_rate.hint": "it needs a currency (USD), a rate above zero and, if any, a date",
    "source.decimal_sign": "{caption}: “{value}” was read as {read}: nothing in the column"
    " says whether it is {other} ({count} such {count|cell|cells})",
    "source.decimal_sign.hint": 'say it in the source: decimal: "{sign}", or else decimal:'
    ' "{other_sign}"',
    "source.date_order": "the dates {field} with slashes were read as {order}"
    " (d day, m month), which the dates themselves do not show",
    "source.date_order.hint": "write dates: dmy or dates: mdy in the source",
    "source.offset_or_shift": "{caption}: “{value}” was read as a time with an offset from UTC,"
    " and may be a shift over midnight ({count} {count|such cell|such cells})",
    "source.offset_or_shift.hint": 'if it is an offset, say so: dates: "%Y-%m-%d %H:%M%z"; of a'
    " shift export beginning and end in two columns",
    "source.requisites": "{entity}: {count} {count|line|lines} without a number:"
    " further details of the record above, not counted again",
    "source.no_id": "“{value}”: a record without a number ({caption}): is it new or part of the"
    " one above? ({count} in all)",
    "source.no_id.hint": "correct the line, or leave such lines out: on_bad_value: skip; each"
    " line is a record of its own: id: none",
    "source.skipped_line": "“{value}”: the line has no number ({caption}) and was left out"
    " ({count} in all)",
    "source.in_two_files": "{entity}: {count} {count|record|records} in several files"
    " ({lines} lines), the version changed last was taken (for example {example})",
    "source.in_later_file": "{entity}: {count} {count|record|records} in several files"
    " ({lines} lines), the one of the later file was taken (for example {example})",
    "source.written_twice": "{entity}: {count} {count|record|records} on {lines} lines of a file,"
    " the version changed last was taken (for example {example})",
    "source.on_later_line": "{entity}: {count} {count|record|records} on {lines} lines of a file"
    " that are alike in all that the plan reads (for example {example})",
    "source.later_line_differs": "{entity}: {count} {count|record|records} on {lines} lines of a"
    " file that differ in {fields}, and no date of change tells which is right: the last line was"
    " taken (for example {example})",
    "source.later_line_differs.hint": "leave one line a record, or export the date of change; if"
    " each line is a record of its own: id: none",
    "source.lines_of_one_id": "{entity}: {count} {count|record stands|records stand} on several"
    " lines that differ in {fields}, and no date of change tells which is right; {caption} and"
    " lines: {lines}",
    "source.lines_of_one_id.hint": "each line is a record of its own: id: none; the lines are"
    " parts of a record: lines: add; another column tells records apart: id: its caption",
    "source.lines_disagree": "{caption}: the lines of record {id} differ ({lines}; {count}"
    " {count|such record|such records}), and only numbers are added up",
    "source.lines_disagree.hint": "correct the lines, or take each line for a record: id: none",
    "source.spoilt_id": "{caption}: “{value}” is no number of a record: a spreadsheet has"
    " rounded it ({count} such {count|cell|cells})",
    "source.spoilt_id.hint": "export the file again and do not save it with a spreadsheet, or"
    " give the column the format Text; if records need no number: id: none",
    "source.repeated_caption": "several columns are called “{caption}”, number {taken} was taken",
    "source.file_lacks": "this file has no column “{caption}”, and others have:"
    " some records would lack the field {field}",
    "source.file_lacks.hint": "export the files with the same columns",
    "source.refused": "the file cannot be read: {detail}",
    "source.refused.hint": "export it again, or save it as CSV in UTF-8",
    "source.unknown_stage": "{entity}: how do the stages {stages} end? their records are neither"
    " won nor lost",
    "source.unknown_stage.hint": "say it in the source, for example: stages: {Contract signed:"
    " won}",
    "source.closed_by_plan_date": "{entity}: the export has no day of closing, “{caption}” was"
    " taken, which people set by hand",
    "source.closed_by_plan_date.hint": "add the column “Stage change date” to the export",
    "source.closed_by_move": "{entity}: “{caption}” is taken for the day of closing",
    "source.some_by_plan_date": "{entity}: {count} {count|record has|records have} no “{caption}”,"
    " the close date was taken",
    "source.mixed_currencies": "{entity}: amounts in several currencies ({currencies}) were added"
    " as they are",
    "source.mixed_currencies.hint": "name the company's (company: {currency: EUR}) and the rates",
    "source.unknown_currency": "{entity}: unknown currencies {currencies}; their amounts are left"
    " out",
    "source.unknown_currency.hint": "say the code of each in the source, currencies:"
    " {{example}: …}, and its rate in rates",
    # people
    "people.ambiguous": "“{name}”: several employees fit ({people})",
    "people.ambiguous.hint": "give the e-mail",
    "people.unknown": "there is no employee “{name}”: this target is nobody's",
    "people.two_in_one_cell": "{entity}, {field}: two people in one cell (“{name}”; {count} such"
    " {count|text|texts}): whose would the record be?",
    "people.two_in_one_cell.hint": "if they share the record, say so: fields: {{field}: {column: …,"
    " credit: split}}, with shares as “Ann Roe 60; Ben Ito 40” or alike; else export a column of"
    " one person and name it (by: …); if it is one person, add the name without the sign to the"
    " aliases of the employees",
    "credit.not_whole": "{entity}, {field}: shares are above 0 and 100 together; those of “{name}”"
    " are {total} together",
    "credit.not_whole_of": "{entity}: shares are above 0 and 100 together; those of {key} “{value}”"
    " are {total} together ({lines})",
    "credit.not_whole_of.hint": "write a share for each, and no line for who has none; or"
    " leave share out for equal ones",
    "credit.not_whole.hint": "write a share for each, or none for equal ones, and nobody twice: Ann"
    " Roe 60; Ben Ito 40",
    "people.two_of_one_name": "“{name}” ({entity}, {field}): several employees fit"
    " ({people}), their records cannot be told apart",
    "people.two_of_one_name.hint": "if they are two people, add a column aliases to the"
    " employees, with the name in the CRM; if one person was moved, give both lines one id, and"
    " say from when to when each holds (columns from and to, or hired and left)",
    # the result
    "compute.people_from_records": "no source lists employees: the scorecards hold whom records"
    " name",
    "compute.too_large": "{entity}: numbers beyond 10²⁸ cannot be computed (KPIs: {kpis})",
    "compute.too_large.hint": "check the amounts in the file and the expressions of these KPIs",
    "compute.immature": "{kpi}: the time of {count} {count|record|records} is not over yet,"
    " the number may rise",
    "compute.lacking": "{kpi}: {count} {count|record counts|records count} below the line but"
    " {count|has|have} no amount above it ({rate} for want of a rate): {names}",
    "compute.lacking.hint": "fill in the amounts or rates; an average deal is better asked as"
    " average: amount",
    "compute.nothing_above": "{kpi}: no record to add up above the line, so no data: {names}; what"
    " they have below it still counts in the total",
    "compute.over_zero": "{kpi}: nothing to divide by although there is something above the line"
    " ({names})",
    "compute.part_of_period.working_days": "employed for a part of the period (working"
    " days): {names}",
    "compute.part_of_period.calendar_days": "employed for a part of the period (calendar"
    " days): {names}",
    "compute.on_no_card": "{count} {count|employee is|employees are} on no scorecard: {names}",
    "compute.on_no_card.hint": "the who of the scorecards takes none of them",
    "compute.on_two_cards": "{count} {count|employee is|employees are} on several scorecards"
    " ({cards}): {names}",
    "posts.one_card": "{name}: two posts at once ({posts}) on one scorecard, {card}: their records"
    " would count and be paid twice",
    "posts.one_card.hint": "let who of the scorecard take one of them: position = '…' or"
    " department = '…'",
    "posts.shared_kpi": "{name}: two posts at once ({posts}) on scorecards that share a KPI"
    " ({cards}: {kpis}): their records would count and be paid twice",
    "posts.shared_kpi.hint": "give the KPI a weight on one of them, or make one with another where"
    " for the second",
    "compute.on_two_cards.hint": "narrow a who, or say also: true in the scorecard that comes on"
    " top",
}
