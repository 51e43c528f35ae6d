"""Detection of the feature `local-embeddings` without importing it."""

from __future__ import annotations

from importlib.util import find_spec

FEATURE = "local-embeddings"
INSTALL_COMMAND = "ktx runtime install --feature local-embeddings --yes"
# A changed environment variable takes effect in a new daemon only.
RESTART_COMMAND = "ktx runtime start --force --feature local-embeddings"

ONNX_RUNTIME = "onnxruntime"
SENTENCE_TRANSFORMERS = "sentence-transformers"
_BACKEND_MODULES = {
    ONNX_RUNTIME: ("onnxruntime", "tokenizers", "safetensors", "huggingface_hub"),
    SENTENCE_TRANSFORMERS: ("sentence_transformers",),
}
BACKENDS = tuple(_BACKEND_MODULES)


def has_backend(name: str) -> bool:
    """Return whether all packages of a backend can be imported."""
    return all(find_spec(module) is not None for module in _BACKEND_MODULES[name])


def is_installed() -> bool:
    """Return whether any backend is installed."""
    return any(has_backend(name) for name in BACKENDS)
