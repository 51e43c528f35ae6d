"""Which statements ran on a database: read from what it counts itself, within limits."""
