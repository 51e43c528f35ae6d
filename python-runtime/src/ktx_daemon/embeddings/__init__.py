"""Text embeddings of all-MiniLM-L6-v2, when the feature `local-embeddings` is installed.

`compute` has the operations, `load` decides what runs the model: `onnx` (the default) or `reference`
(sentence-transformers). `files` finds the model's files. Texts are in no log and no error.
"""
