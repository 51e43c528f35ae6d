"""JSON responses encoded by msgspec."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

JSON = "application/json"


class JsonResponse(Response):
    """A JSON response; Starlette's own class encodes with the slower `json` module."""

    media_type = JSON

    def render(self, content: Any) -> bytes:
        """Encode the content."""
        return msgspec.json.encode(content)
