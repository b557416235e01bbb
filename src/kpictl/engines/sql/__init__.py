"""How a query is written in the SQL of DuckDB."""
