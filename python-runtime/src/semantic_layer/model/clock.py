"""Which queries depend on the time at which they are compiled, so that their answers cannot be kept.

`in_period(t, 'last 30 days')` refers to `Query.now`, and without it to the current time. Functions that the database
evaluates, such as `current_date`, are not of these: their text is the same at any time.
"""

from __future__ import annotations

import msgspec

# A function that reads the current time belongs here.
_FUNCTIONS = (b"in_period",)


def reads_clock(value: object) -> bool:
    """Return whether a query, a source or a model may call a function that reads the current time."""
    text = msgspec.json.encode(value).lower()
    return any(name in text for name in _FUNCTIONS)
