"""Introspection of database schemas: one module per driver, one model for all."""
