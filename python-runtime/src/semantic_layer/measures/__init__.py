"""Resolution of measures into aggregates and calculations."""
