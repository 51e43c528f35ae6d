"""Responses that msgspec encodes."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

JSON = "application/json"


class JsonResponse(Response):
    """A value as JSON; Starlette's own class encodes with the slower `json`."""

    media_type = JSON

    def render(self, content: Any) -> bytes:
        """Encode the value."""
        return msgspec.json.encode(content)
