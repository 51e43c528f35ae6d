"""Snowflake, through its Python connector."""
