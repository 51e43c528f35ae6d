"""Dates and times of any year in ISO 8601, from numbers since 1970."""

from __future__ import annotations

import datetime

from ktx_daemon.warehouses.model.values import convert_temporal

DAY = 24 * 60 * 60
EPOCH = datetime.date(1970, 1, 1)
# The Gregorian calendar repeats after 400 years, of which one lot is within the years of Python.
CYCLE_YEARS = 400
CYCLE_DAYS = 146_097


def format_date(days: int) -> str:
    """Return the date of a number of days since 1970."""
    cycles, rest = divmod(days, CYCLE_DAYS)
    date = EPOCH + datetime.timedelta(rest)
    year = date.year + cycles * CYCLE_YEARS
    return f"{year:04}-{date:%m-%d}" if year > 0 else f"{1 - year:04}-{date:%m-%d} BC"


def format_seconds(seconds: int, nanoseconds: int) -> str:
    """Return the time of a number of seconds since midnight."""
    minutes, second = divmod(seconds, 60)
    return convert_temporal(f"{minutes // 60:02}:{minutes % 60:02}:{second:02}.{nanoseconds:09}")


def format_timestamp(seconds: int, nanoseconds: int, *, has_zone: bool) -> str:
    """Return the time of a number of seconds since 1970; with a zone it is that of UTC."""
    days, rest = divmod(seconds, DAY)
    date, _, era = format_date(days).partition(" ")
    zone = "+00:00" if has_zone else ""
    return f"{date}T{format_seconds(rest, nanoseconds)}{zone}{' ' + era if era else ''}"
