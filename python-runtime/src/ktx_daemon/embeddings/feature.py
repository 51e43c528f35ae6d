"""Whether the feature `local-embeddings` is installed, found out without importing it."""

from __future__ import annotations

from importlib.machinery import PathFinder

FEATURE = "local-embeddings"
INSTALL_COMMAND = "ktx runtime install --feature local-embeddings --yes"


def is_installed() -> bool:
    """Say whether sentence-transformers can be imported."""
    return PathFinder.find_spec("sentence_transformers") is not None
