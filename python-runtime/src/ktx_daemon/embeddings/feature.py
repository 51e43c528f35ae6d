"""Detects whether the feature `local-embeddings` is installed, without importing it."""

from __future__ import annotations

from importlib.util import find_spec

FEATURE = "local-embeddings"
INSTALL_COMMAND = "ktx runtime install --feature local-embeddings --yes"
# A daemon has the environment that it was started with, so a variable set later needs another.
RESTART_COMMAND = "ktx runtime start --force --feature local-embeddings"

ONNX_RUNTIME = "onnxruntime"
SENTENCE_TRANSFORMERS = "sentence-transformers"
_MODULES = {
    ONNX_RUNTIME: ("onnxruntime", "tokenizers", "safetensors", "huggingface_hub"),
    SENTENCE_TRANSFORMERS: ("sentence_transformers",),
}
BACKENDS = tuple(_MODULES)


def has_backend(name: str) -> bool:
    """Return whether all that one way to run the model needs can be imported."""
    return all(find_spec(module) is not None for module in _MODULES[name])


def is_installed() -> bool:
    """Return whether there is any way to run the model."""
    return any(has_backend(name) for name in BACKENDS)
