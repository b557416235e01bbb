"""What pull, status, fields and init --from-portal say, in English."""

TEXTS: dict[str, str] = {
    # entities
    "pull.entity.deals": "Deals",
    "pull.entity.leads": "Leads",
    "pull.entity.contacts": "Contacts",
    "pull.entity.companies": "Companies",
    "pull.entity.quotes": "Quotes",
    "pull.entity.invoices": "Invoices",
    "pull.entity.activities": "Activities",
    "pull.entity.calls": "Calls",
    "pull.entity.tasks": "Tasks",
    "pull.entity.products": "Product rows",
    "pull.entity.stage_history": "Stage history",
    "pull.entity.users": "Employees",
    "pull.entity.employees": "Employees",
    "pull.entity.departments": "Departments",
    "pull.entity.statuses": "Directories",
    "pull.entity.categories": "Pipelines",
    "pull.entity.currencies": "Currencies",
    "pull.history_of": "History: {of}",
    # on the way
    "pull.asking": "The portal is answering the first questions…",
    "pull.kind.changes": "changes: {n}",
    "pull.kind.sweep": "sweep: {n}",
    "pull.of": "{n} of {all}",
    "pull.rate": "{n}/s",
    "pull.left": "{t} left",
    "pull.done": "done",
    "pull.wait.bucket": "The portal asks to wait {n} s (request limit); going on by itself.",
    "pull.wait.method": "The portal asks to wait {n} s (time limit of {method}); going on by"
    " itself.",
    "pull.wait.fault": "The portal did not answer ({code}); trying again in {n} s.",
    # at the end
    "pull.requests": "{n} {n|request|requests}",
    "pull.seconds": "{n} s",
    "pull.complete_to": "complete to {at}",
    "pull.resumed": "went on with a pull that was cut off",
    "pull.nothing_new": "nothing new",
    "pull.changed": "{n} changed",
    "pull.gone": "{n} deleted",
    "pull.interrupted": "Interrupted. What was brought is kept: kpictl pull goes on from there.",
    "pull.interrupted_early": "Interrupted before anything was brought. The earlier data are safe;"
    " run kpictl pull again.",
    "pull.interrupted_early.first": "Interrupted before anything was brought; run kpictl pull"
    " again.",
    "pull.kept": "What was brought so far is kept: run kpictl pull again, it goes on from there.",
    "pull.safe": "The earlier data are safe; run kpictl pull again once the cause is gone.",
    "pull.safe.first": "Nothing was brought; run kpictl pull again once the cause is gone.",
    "pull.rest": "The rest is complete to {at}; run kpictl pull again after the correction.",
    "pull.rest_nothing": "There was nothing else to pull; the earlier data are safe. Run kpictl"
    " pull again after the correction.",
    "pull.rest_nothing.first": "Nothing was brought; run kpictl pull again after the correction.",
    # status
    "status.files": "files, read anew by each command",
    "status.found": "{n} {n|file|files}",
    "status.nothing": "nothing pulled yet: kpictl pull",
    "status.scopes": "The key grants: {list}",
    "status.admin": "seen by {user}, an administrator",
    "status.user": "seen by {user}",
    "status.not_admin": "That is no administrator: the portal shows only what this person may see,"
    " and says nothing of the rest. Figures may be incomplete.",
    "status.lacking": "The scope {scope} is not granted: without it there are no {entities}. Give"
    " it to the webhook and run kpictl pull again.",
    "status.head.entity": "Records",
    "status.head.rows": "Number",
    "status.head.to": "Complete to",
    "status.head.sweep": "Deleted looked for",
    "status.head.fields": "Fields",
    "status.all_fields": "all",
    "status.since": "only those changed from {at} on",
    "status.pulls": "Last pulls",
    "status.store": "Store: {file}, {size} MB",
    "status.no_store": "There is no store yet: kpictl pull makes it.",
    "status.running": "A pull is at work right now (process {process}).",
    "status.cut_off": "A pull was cut off ({read}): kpictl pull goes on from there.",
    # fields
    "fields.head.name": "Field",
    "fields.head.code": "CRM code",
    "fields.head.type": "Type",
    "fields.head.caption": "Caption",
    "fields.head.filled": "Filled",
    "fields.head.values": "Commonest values",
    "fields.derived": "computed",
    "fields.different": "{n} different",
    "fields.private": "personal, not shown",
    "fields.nothing": "empty",
    "fields.not_pulled_yet": "not pulled: kpictl pull --all-fields",
    "fields.not_pulled_yet.short": "not pulled",
    "fields.lacking": "{n} {n|field was|fields were} not pulled: kpictl pull --all-fields",
    "fields.codes": "CRM codes: in a wider window, or --format csv",
    "fields.no_entity": "no source has records {entity}",
    "fields.no_source": "the plan has no source {name}",
    "fields.not_pulled": "{entity}: nothing was pulled yet, so its fields are not known",
    "fields.not_pulled.hint": "pull them: kpictl pull --only {entity}",
    # init --from-portal
    "draft.head": "A plan drafted from the portal {host}. Check it and compute:\n\n"
    "    kpictl check\n    kpictl pull\n    kpictl compute --period last-month\n\n"
    "Lines behind # are remarks and suggestions: take the # away to put one to work.",
    "draft.eyes": "The portal showed this to {user}.",
    "draft.not_admin": "That is no administrator: what they may not see will be in no figure.",
    "draft.company": "Name, currency and zone are the portal's; the zone is a guess, look at it.",
    "draft.no_name": "Company",
    "draft.source": "The key does not stand here but in the environment variable {name}, or in a"
    " file .env\nbeside the plan (chmod 600).",
    "draft.pull": "What is pulled follows from the KPIs. More: pull: [deals, leads, activities,"
    " calls]\nSmart processes, a name of yours and the entityTypeId: items: {contracts: 177}",
    "draft.pipelines": "The pipelines of deals and their stages, (+) won, (-) lost:",
    "draft.pipeline": "Only one of them: where: won and pipeline = '{name}'",
    "draft.fields": "Fields that the company has added. In where, by, sum and when they go by their"
    " code.\nWhat they hold: kpictl fields deals",
    "draft.multiple": "several values",
    "draft.kpis": "What is measured. where chooses the records, when says which date puts them in a"
    " period.",
    "draft.kpi.revenue": "Money of the deals won, on the day they were won.",
    "draft.kpi.won_deals": "The same deals, counted.",
    "draft.kpi.average_deal": "One over the other; below three deals there is no average.",
    "draft.kpi.lead_conversion": "Of the period's leads, the share that became a won deal within 30"
    " days.",
    "draft.label.revenue": "Revenue",
    "draft.label.won_deals": "Deals won",
    "draft.label.average_deal": "Average deal",
    "draft.label.lead_conversion": "Lead conversion",
    "draft.label.calls": "Calls",
    "draft.label.activities": "Activities completed",
    "draft.examples": "Suggestions:",
    "draft.cards": "Who is measured by what; the weights of a scorecard add up to 100. Here:"
    " departments\nthat own deals, and those of sales.",
    "draft.everybody": "Everybody",
    "draft.others": "Other departments: {list}",
    "draft.targets": "What is expected; the nearest wins: employee, department, scorecard, company."
    " Without a target\na KPI has no score, only a fact.",
    "draft.written": "A plan of the portal {host} is in {file}: {cards}"
    " {cards|scorecard|scorecards}, custom fields of the CRM: {fields}. Next: kpictl check,"
    " kpictl pull.",
    "draft.two_ways": "--from-portal together with --template: which is the plan to come from?",
    "draft.two_ways.hint": "keep one of the two",
}
