"""What is paid, as people read it: words of steps, the column of a table, sheets, JSON, frames."""
