"""One query on a database, read-only and limited: one module a driver, one shape of answer for all."""
