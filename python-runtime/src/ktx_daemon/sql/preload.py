"""Imports the modules of the first SQL request; the server imports this module in the background."""

from ktx_daemon.sql import fingerprint, identifiers, read_only

__all__ = ["fingerprint", "identifiers", "read_only"]
