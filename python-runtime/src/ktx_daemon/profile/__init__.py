"""Profiles of tables: counts, ranges, frequent values and formats of columns, by a few statements for each table."""
