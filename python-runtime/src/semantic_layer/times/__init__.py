"""Times in every dialect: periods and parts, durations, time zones, and the periods between two times."""
