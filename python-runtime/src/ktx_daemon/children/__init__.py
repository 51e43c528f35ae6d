"""Child processes for work on in-process databases, which cannot always be interrupted."""
