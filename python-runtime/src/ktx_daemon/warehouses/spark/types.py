"""Types of Spark, parsed from their names, or from the JSON of `DESCRIBE TABLE … AS JSON`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_OPENING, _CLOSING = "<(", ">)"
_NAMED = re.compile(r"([a-z_]+)\s*<(.*)>", re.IGNORECASE | re.DOTALL)
_NESTED = frozenset({"array", "map", "struct"})


@dataclass(frozen=True)
class Member:
    """A part of a nested type: a field of a structure, the element of an array, or the key or value of a map."""

    name: str
    kind: SparkType
    comment: str | None = None


@dataclass(frozen=True)
class SparkType:
    """A type: its `text` as Spark writes it, its name without arguments, and the parts of a nested one."""

    text: str
    name: str
    members: tuple[Member, ...] = ()

    @property
    def is_json(self) -> bool:
        """Whether a value of the type has parts, so that it is a JSON document here."""
        return self.name in _NESTED or self.name == "variant"

    def contains(self, name: str) -> bool:
        """Return whether the type or one of its parts has a name."""
        return self.name == name or any(member.kind.contains(name) for member in self.members)


@functools.lru_cache(maxsize=4096)
def parse_type(text: str) -> SparkType:
    """Parse the name of a type. One that cannot be parsed has no parts."""
    match = _NAMED.fullmatch(text.strip())
    if match is None:
        return SparkType(text, re.split(r"[\s(]", text.strip(), maxsplit=1)[0].lower())
    name, parts = match[1].lower(), list(_split(match[2], ","))
    if name == "array" and len(parts) == 1:
        return SparkType(text, name, (Member("element", parse_type(parts[0])),))
    if name == "map" and len(parts) == 2:  # noqa: PLR2004  # key and value
        return SparkType(text, name, (Member("key", parse_type(parts[0])), Member("value", parse_type(parts[1]))))
    if name == "struct":
        pairs = [part.partition(":") if "`" not in part else _quoted_member(part) for part in parts if part.strip()]
        return SparkType(text, name, tuple(Member(field.strip(), parse_type(kind)) for field, _, kind in pairs))
    return SparkType(text, "string")


def _quoted_member(part: str) -> tuple[str, str, str]:
    match = re.match(r"\s*`((?:[^`]|``)*)`\s*:(.*)", part, re.DOTALL)
    return (match[1].replace("``", "`"), ":", match[2]) if match else part.partition(":")


def _split(text: str, separator: str) -> Iterator[str]:
    """Split at the separators that are in no parentheses."""
    depth, begin = 0, 0
    for index, character in enumerate(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if character == separator and depth == 0:
            yield text[begin:index]
            begin = index + 1
    yield text[begin:]


def type_from_json(described: dict[str, Any]) -> SparkType:
    """Return the type that `DESCRIBE TABLE … AS JSON` describes."""
    name = str(described.get("name", "")).lower()
    if name == "array":
        members = [Member("element", type_from_json(described["element_type"]))]
        return SparkType(f"array<{members[0].kind.text}>", name, tuple(members))
    if name == "map":
        members = [Member(part, type_from_json(described[f"{part}_type"])) for part in ("key", "value")]
        return SparkType(f"map<{members[0].kind.text},{members[1].kind.text}>", name, tuple(members))
    if name == "struct":
        fields = described.get("fields", [])
        members = [Member(field["name"], type_from_json(field["type"]), field.get("comment")) for field in fields]
        text = ",".join(f"{member.name}:{member.kind.text}" for member in members)
        return SparkType(f"struct<{text}>", name, tuple(members))
    return parse_type(_scalar_text(name, described))


def _scalar_text(name: str, described: dict[str, Any]) -> str:
    if name == "decimal":
        return f"decimal({described['precision']},{described['scale']})"
    if name in ("char", "varchar"):
        return f"{name}({described['length']})"
    if name == "interval" and "start_unit" in described:
        start, end = described["start_unit"], described["end_unit"]
        return f"interval {start}" if start == end else f"interval {start} to {end}"
    if name == "timestamp_ltz":
        return "timestamp"
    return name
