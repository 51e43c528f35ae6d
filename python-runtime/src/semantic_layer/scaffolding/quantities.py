"""Which numbers of a table are quantities, which can be summed and averaged.

Ids, codes, ranks, coordinates, years and flags are stored as numbers, too. A name decides by its last word; the facts
of a profile decide where the name says nothing.
"""

from __future__ import annotations

import re

from semantic_layer.model.tables import ColumnFacts

# Last words of names of numbers that identify, order, locate or classify.
_NO_QUANTITY = re.compile(
    r"(^|_)(id|ids|uid|uuid|guid|oid|key|pk|fk|sk|hash|checksum|code|cd|number|no|nr|num|ref|sku|ean|upc|isbn|asn|pin"
    r"|account|acct|customer|cust|user|employee|emp|agent|team|dept|department|store|supplier|vendor|product|item|batch|lot"
    r"|zip|zipcode|postcode|postal|plz|zone|region|district|floor|room|seat|gate|phone|ext|extension|fax|mobile|ssn|iban"
    r"|date|dt|yyyymmdd|yyyymm|year|yr|jahr|annee|anio|month|mon|monat|day|dow|doy|week|quarter|qtr|hour|hh"
    r"|minute|rank|rnk|line|lineno|position|pos|index|idx|seq|sequence|sort|ordinal|priority|lat|latitude|lon|lng|long|longitude"
    r"|srid|version|revision|level|grade|type|kind|status|state|flag|category|class|group|mode|port|epoch|timestamp|ts)$",
    re.IGNORECASE,
)
# Names of flags, such as `is_active`.
_FLAG = re.compile(r"^(is|has|was|can|should|allow|allows|enable|enabled)_", re.IGNORECASE)
# Last words of names of numbers that can be averaged but not added.
_RATE = re.compile(
    r"(^|_)(rate|ratio|percent|percentile|quantile|stars|percentage|pct|share|price|score|rating|age|temperature|temp|average|avg|mean|median|speed"
    r"|humidity|pressure|index|factor)$",
    re.IGNORECASE,
)
_NO_QUANTITY_FORMATS = {"boolean", "epoch_seconds", "epoch_milliseconds"}
_MIN_SERIAL = 10


def is_quantity(name: str, facts: ColumnFacts | None, rows: int | None) -> bool:
    """Return whether a number can be averaged, by its name in snake case and its facts."""
    if _NO_QUANTITY.search(name) or _FLAG.search(name):
        return False
    return facts is None or not (_is_classified(facts) or _is_serial(facts, rows))


def is_additive(name: str) -> bool:
    """Return whether a quantity can also be summed."""
    return _RATE.search(name) is None


def _is_classified(facts: ColumnFacts) -> bool:
    return not _NO_QUANTITY_FORMATS.isdisjoint(facts.formats)


def _is_serial(facts: ColumnFacts, rows: int | None) -> bool:
    """Return whether a column numbers the rows: as many different integers without a gap as there are rows."""
    if rows is None or not (isinstance(facts.min, int) and isinstance(facts.max, int)):
        return False
    is_unique = facts.distinct_exact and facts.nulls == 0 and facts.distinct == rows
    return is_unique and rows >= _MIN_SERIAL and facts.max - facts.min + 1 == rows
