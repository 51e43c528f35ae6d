"""Reading of the query history from a database's own statistics, within limits."""
