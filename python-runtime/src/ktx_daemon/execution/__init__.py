"""Read-only, limited execution of one query: one module per driver, one result type for all."""
