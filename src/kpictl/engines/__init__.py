"""The shelf of engines: each answers a `Query`. DuckDB does the work, `plain` is the judge."""
