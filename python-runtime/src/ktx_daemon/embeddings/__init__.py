"""Text embeddings of all-MiniLM-L6-v2, available with the feature `local-embeddings`.

`compute` has the operations, `load` chooses the backend: `onnx` (the default) or `reference` (sentence-transformers).
`files` locates the model's files. Logs and errors never contain texts.
"""
