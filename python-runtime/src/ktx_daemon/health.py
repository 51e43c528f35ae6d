"""The body of `/health`."""

from __future__ import annotations

from ktx_daemon.embeddings import feature


def health(version: str | None, instance: str | None) -> dict[str, object]:
    """Describe a daemon that serves; the version is absent when it is unknown."""
    said: dict[str, object] = {"status": "healthy"}
    if version is not None:
        said["version"] = version
    said["features"] = ["core", feature.FEATURE] if feature.is_installed() else ["core"]
    said["instance"] = instance
    return said
