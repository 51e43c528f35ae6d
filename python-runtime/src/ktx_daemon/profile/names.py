"""The words of the names of columns."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[^\W\d_]+|\d+")
_WORD = re.compile(r"[A-Z]+(?![^A-Z])|[A-Z]?[^A-Z]+|[A-Z]+(?=[A-Z])")


def split_words(name: str) -> list[str]:
    """Return the words of a name in snake, kebab or camel case, in lower case and without accents."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return [word.lower() for run in _RUN.findall(plain) for word in _WORD.findall(run)]
