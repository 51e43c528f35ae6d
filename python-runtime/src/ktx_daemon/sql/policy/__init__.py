"""The data policy of a connection on statements: by name, what cannot be told from the text is refused."""
