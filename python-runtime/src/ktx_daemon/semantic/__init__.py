"""Operations of the semantic layer: request types, dialect names and error translation."""
