"""Errors of the harness."""

from __future__ import annotations


class EngineError(Exception):
    """An engine failed, or answered otherwise than expected."""


class UnavailableError(Exception):
    """The engine cannot run on this machine; the message is the reason."""
