"""What is wrong with the store, and with pulling."""

TEXTS: dict[str, str] = {
    "store.newer": "the store was written by a newer version of kpictl (layout {found}, this one"
    " knows {known}): it is not read by guessing",
    "store.newer.hint": "update kpictl; nothing was changed",
    "store.locked": "the store {file} has been held by another process for a minute",
    "store.locked.hint": "wait until it has finished, and try again",
    "store.busy": "another pull is at work (process {process}): a second one would spoil its"
    " reading",
    "store.busy.hint": "wait for it or stop it; kpictl compute works meanwhile",
    "store.disk_full": "the disk is full: {file} cannot be written",
    "store.disk_full.hint": "make room and try again; the earlier data are safe",
    "store.no_access": "no access to {file}: {detail}",
    "store.no_access.hint": "look at the rights on the folder; the earlier data are safe",
    "store.newer_database": "the store {file} was written by a newer DuckDB than the one installed"
    " here, {version}, can read",
    "store.newer_database.hint": "update it (pip install --upgrade duckdb), or put the file aside"
    " and pull anew: kpictl pull; nothing was changed",
    "store.damaged": "the store {file} cannot be opened: {detail}",
    "store.damaged.hint": "put the file aside and pull anew: kpictl pull --full",
    "store.no_file": "{file} is no file: the store belongs there",
    "store.no_file.hint": "put it elsewhere and pull anew: kpictl pull",
    "store.no_folder": "{file} is a file: the store's folder belongs there",
    "store.no_folder.hint": "put it elsewhere and try again",
    "store.open_folder": "others may write to the folder of the store {file} (mode {mode}): they"
    " could exchange the records",
    "store.open_folder.hint": "close it: {command}",
    "pull.discarded": "{file} was damaged and is thrown away: what an earlier pull had begun is"
    " read anew",
    "pull.no_portal": "the plan {file} has no portal: there is nothing to pull",
    "pull.no_portal.hint": "add a source: sources: {crm: {type: bitrix24}}",
    "pull.no_entity": "no portal gives “{entity}”; there are: {known}",
    "pull.lacking": "{entity}: the portal counts {total} and does not give {count} of them",
    "pull.lacking.hint": "no figure has them: see whether the webhook's owner may read everything"
    " (kpictl status)",
    "pull.twin": "{entity}: the field {field} (“{caption}”) is empty in every record, while"
    " {column}, which the portal does not describe, is filled in {count}",
    "pull.twin.hint": "the portal delivers it under another name (the CRM module before 25.0.0"
    " does), or the field was made anew: look at kpictl fields {entity}; once the portal is"
    " updated: kpictl pull --full",
    "pull.vanished": "{entity}: {count} {count|record|records} that were there are not to be seen;"
    " so many are rarely deleted at once",
    "pull.vanished.hint": "see whether the webhook's owner has lost rights: kpictl status",
    # results that were kept
    "results.unreadable": "this is no text of kept results, or only a part of one",
    "results.unreadable.hint": "take the file as it was written, or compute again: kpictl compute",
    "results.damaged": "the kept results have been changed since they were written: no figure in"
    " them can be relied on",
    "results.damaged.hint": "take an unchanged copy, or compute again: kpictl compute",
    "results.newer": "the results were kept by a newer version of kpictl (form {version}, this one"
    " knows {known}): they are not read by guessing",
    "results.newer.hint": "update kpictl",
}
