"""The Python packages of drivers, which are extras of the wheel."""

from __future__ import annotations

import importlib
from typing import Any

from ktx_daemon.errors import BadRequestError


def import_driver(package: str, feature: str) -> Any:
    """Import the package of a driver. Raises 400 with the command that installs its feature."""
    try:
        return importlib.import_module(package)
    except ImportError:
        raise BadRequestError(
            "driver_missing",
            f"KTX's runtime lacks the Python package '{package.replace('_', '-')}'",
            f"Run: ktx runtime install --feature {feature} --yes",
        ) from None
