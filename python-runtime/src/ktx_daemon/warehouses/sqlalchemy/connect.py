"""Engines of SQLAlchemy dialects that the user has installed."""

from __future__ import annotations

from typing import Any

from ktx_daemon.errors import BadRequestError
from ktx_daemon.warehouses import registry
from ktx_daemon.warehouses.connection.target import Target


def create_engine(target: Target) -> Any:
    """Create the engine of a target's URL. Raises 400 for a dialect that is not installed."""
    known = [spec.name for spec in registry.WAREHOUSES]
    detail = f"The database driver '{target.driver}' is not known; known ones: {', '.join(known)}"
    try:
        import sqlalchemy
    except ImportError:
        hint = (
            "Use one of them, or add a SQLAlchemy dialect to KTX's runtime and run: "
            "ktx runtime install --feature sqlalchemy --yes"
        )
        raise BadRequestError("unknown_driver", detail, hint) from None
    try:
        return sqlalchemy.create_engine(target.url, poolclass=sqlalchemy.pool.NullPool)
    except (sqlalchemy.exc.NoSuchModuleError, ModuleNotFoundError):
        hint = "Use one of them, or add a SQLAlchemy dialect of that name to KTX's runtime"
        raise BadRequestError("unknown_driver", detail, hint) from None
    except sqlalchemy.exc.ArgumentError:
        raise BadRequestError("invalid_url", "The connection URL cannot be read") from None
