"""How a query is written in the SQL of DuckDB, and how the rows that come of it are read.

`statement` makes one SELECT of a query: of the `conditions` under which a record counts, the slices
of time as columns (`slicing`), and the `aggregates` that each measure asks. `reading` makes the
answer of its rows. `working` makes the tables of working time that conditions and values look into.
"""
