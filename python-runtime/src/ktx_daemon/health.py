"""The body of `/health`."""

from __future__ import annotations

from ktx_daemon.embeddings import feature


def health_body(version: str | None, instance: str | None) -> dict[str, object]:
    """Return the body of a healthy daemon; the version is absent when it is unknown."""
    body: dict[str, object] = {"status": "healthy"}
    if version is not None:
        body["version"] = version
    body["features"] = ["core", feature.FEATURE] if feature.is_installed() else ["core"]
    body["instance"] = instance
    return body
