"""The data policy of a connection on statements: by name; a statement whose text is ambiguous is refused."""
