"""The log levels by name."""

from __future__ import annotations

import logging

LEVELS = {"error": logging.ERROR, "warn": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}
DEFAULT_LEVEL = "info"
