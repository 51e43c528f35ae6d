"""Planning of queries: facts, the time axis, filters and selections."""
