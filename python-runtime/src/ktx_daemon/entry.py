"""Where the process begins: a daemon greets before it is imported."""

from __future__ import annotations

import sys

from ktx_daemon.greeter import greet


def main() -> None:
    """Run the command line of `cli`."""
    greeter = greet() if sys.argv[1:2] == ["serve-http"] else None
    from ktx_daemon import cli

    cli.main(greeter=greeter)
