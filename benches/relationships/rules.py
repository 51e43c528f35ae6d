"""Finds rules that name a table or a column of a set."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Single words in these files are those of the language and of types, which every schema may have.
TESTS = ("tests.rs", "fixture.rs")
VOCABULARIES = ("vocabulary.rs", "words.rs", "type_class.rs")


def named_in_rules(names: dict[str, set[str]]) -> list[str]:
    """Return a sentence for each literal of the detection that is a name of a set, but no word of the language."""
    found = []
    for file in sorted((ROOT / "src" / "relationships").rglob("*.rs")):
        if file.name in TESTS:
            continue
        code = file.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
        literals = {
            literal.lower() for line in code.splitlines() if "//" not in line for literal in LITERAL.findall(line)
        }
        for name, own in names.items():
            shared = literals & {word.lower() for word in own}
            if file.name in VOCABULARIES:
                shared = {word for word in shared if not word.isalpha()}
            found += [f"{file.name} has {word}, a name of {name}" for word in sorted(shared)]
    return found
