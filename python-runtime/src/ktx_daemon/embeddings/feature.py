"""Whether the feature `local-embeddings` is installed, found out without importing it or anything else."""

from __future__ import annotations

import sys

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
    """Say whether all that one way to run the model needs can be imported."""
    return all(_can_be_imported(module) for module in _MODULES[name])


def is_installed() -> bool:
    """Say whether there is any way to run the model."""
    return any(has_backend(name) for name in BACKENDS)


def _can_be_imported(module: str) -> bool:
    """Ask the finders, as `importlib.util.find_spec` does: to import that takes a millisecond of the first answer."""
    if module in sys.modules:
        return sys.modules[module] is not None
    return any(finder.find_spec(module, None) is not None for finder in sys.meta_path)
