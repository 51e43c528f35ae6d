"""The schema of a database: one module a driver, one model for all."""
