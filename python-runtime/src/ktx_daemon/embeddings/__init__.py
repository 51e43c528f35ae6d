"""Text embeddings through sentence-transformers, when the feature `local-embeddings` is installed."""
