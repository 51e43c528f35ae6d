"""The data policy of a connection on statements: by name; what the text does not tell is refused."""
