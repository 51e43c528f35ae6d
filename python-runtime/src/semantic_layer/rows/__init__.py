"""Expressions over the values of rows: dimensions, periods, parameters and lookups."""
