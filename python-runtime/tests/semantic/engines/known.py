"""The differences that are known, with their reasons: by engine, the list of questions, and the question."""

from __future__ import annotations

KNOWN: dict[str, dict[tuple[str, str], str]] = {}
