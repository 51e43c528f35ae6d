"""Times on real databases, compared with Python's datetime and zoneinfo."""
