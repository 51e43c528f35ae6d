"""What a validation has found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from semantic_layer.checks.drift import Difference
from semantic_layer.errors import SemanticError
from semantic_layer.model.models import Source


@dataclass
class Findings:
    """The problems of a model by source."""

    errors: dict[str, None] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)

    def attempt(self, where: str, check: Callable[..., object], *arguments: object) -> None:
        """Run a check and record the SemanticError that it raises."""
        try:
            check(*arguments)
        except SemanticError as error:
            self.add(where, str(error))

    def add(self, where: str, message: str) -> None:
        """Record an error, without duplicates."""
        self.errors[f"{where}: {message}"] = None

    def add_difference(self, source: Source, difference: Difference) -> None:
        """Record a difference with a scan."""
        if difference.is_error:
            self.add(difference.where, difference.message)
        else:
            where = difference.where.removeprefix(source.name).removeprefix(", ")
            self.warn(source, f"{where}: {difference.message}" if where else difference.message)

    def warn(self, source: Source, message: str) -> None:
        """Record a warning."""
        self.warnings.setdefault(source.name, []).append(message)
