"""Any other database, through a SQLAlchemy dialect that the user has installed."""
