"""The time and the time zone of a query, to which its periods refer."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from semantic_layer.errors import Problem, SemanticError
from semantic_layer.model.models import Calendar
from semantic_layer.model.queries import Query
from semantic_layer.rows.periods.texts import Period, parse_period

UTC = "UTC"
_Z = "Z"


@dataclass(frozen=True)
class Clock:
    """The local time `now` in the time zone `zone`, the zone of the query or UTC."""

    now: datetime
    zone: str
    calendar: Calendar

    @staticmethod
    def of(query: Query, calendar: Calendar) -> Clock:
        """Return the clock of a query. Raises SemanticError for an unknown zone and for an invalid time."""
        zone = find_zone(query.time_zone or UTC)
        now = datetime.now(timezone.utc).astimezone(zone) if query.now is None else _parse_now(query.now, zone)
        return Clock(now.replace(tzinfo=None), query.time_zone or UTC, calendar)

    def period(self, text: str) -> Period:
        """Return the bounds of a period in local times of the zone. Raises SemanticError."""
        return parse_period(text, self.now, self.calendar)

    def to_zone(self, local: datetime, zone: str) -> datetime:
        """Return a local time of the clock's zone as one of another zone.

        Of a time that daylight saving repeats, the first one is meant; one that it skips is the time of the change.
        """
        if zone == self.zone:
            return local
        instant = local.replace(tzinfo=find_zone(self.zone)).astimezone(timezone.utc)
        return instant.astimezone(find_zone(zone)).replace(tzinfo=None)


def find_zone(name: str) -> tzinfo:
    """Return a time zone by its IANA name. Raises SemanticError, with near names, for an unknown one."""
    if name == UTC:
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        near = difflib.get_close_matches(name, sorted(available_timezones()), 3)
        hint = f"; did you mean {' or '.join(repr(item) for item in near)}?" if near else ", such as 'Europe/Zurich'"
        message = f"There is no time zone '{name}'; write the name of one of IANA{hint}"
        raise SemanticError(Problem.INVALID_QUERY, message) from None


def _parse_now(text: str, zone: tzinfo) -> datetime:
    try:
        # Python 3.10 reads no Z.
        now = datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith(_Z) else text)
        return now.astimezone(zone) if now.tzinfo is not None else now
    except (ValueError, OverflowError):
        message = f"`now` is '{text}', which is not a time of ISO 8601, such as 2025-03-07T10:00:00+01:00"
        raise SemanticError(Problem.INVALID_QUERY, message) from None
