"""Periods in words, such as `last 30 days`, as bounds of times."""
