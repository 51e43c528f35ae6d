"""Whether the feature `local-embeddings` is installed, found out without importing it."""

from __future__ import annotations

import importlib.util

FEATURE = "local-embeddings"
INSTALL_COMMAND = "ktx runtime install --feature local-embeddings --yes"


def is_installed() -> bool:
    """Say whether sentence-transformers can be imported."""
    return importlib.util.find_spec("sentence_transformers") is not None
