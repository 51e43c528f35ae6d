"""The time of a generated source, which `metric_time` reads: only if no other column could be meant.

A table with several times needs a decision: an order is placed, paid and shipped. A single one is the time of the row,
unless its name says that it is overwritten, a property or a plan: `last_update`, `birth_date`, `due_on`.
"""

from __future__ import annotations

import re

_NO_TIME_OF_ROW = re.compile(
    r"(^|_)(last|latest|next"
    r"|update|updated|modified|modification|changed|edited|touched|refreshed"
    r"|loaded|inserted|imported|ingested|extracted|synced|etl|dwh"
    r"|deleted|removed|archived"
    r"|birth|birthday|birthdate|born|dob|death|died"
    r"|due|deadline|planned|expected|scheduled|expire|expires|expired|expiry|expiration|valid|until|end|ends|ended)(_|$)"
)


def is_time_of_row(name: str) -> bool:
    """Return whether the only time of a table is that of its rows, by its name in snake case."""
    return _NO_TIME_OF_ROW.search(name) is None
