"""Parses statements by the grammar of a dialect: a JSON list on standard input, the reasons on standard output.

    python parse.py DIALECT

It runs in the environment of the parser, so that it imports nothing of this project.
"""

from __future__ import annotations

import json
import sys

from sqlfluff.core import FluffConfig, Linter


def main() -> None:
    """Write why each statement is not valid, or an empty text."""
    # The offsets of a time zone, which T-SQL needs in the text, are more than the limit of 100,000 nodes.
    linter = Linter(config=FluffConfig(overrides={"dialect": sys.argv[1], "max_parse_nodes": 0}))
    parsed = (linter.parse_string(statement).violations for statement in json.load(sys.stdin))
    json.dump([str(found[0]) if found else "" for found in parsed], sys.stdout)


if __name__ == "__main__":
    main()
