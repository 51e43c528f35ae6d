"""Importing this module loads what the first SQL request needs; the server does so in the background."""

from ktx_daemon.sql import fingerprint, identifiers, read_only

__all__ = ["fingerprint", "identifiers", "read_only"]
