"""A local server with the endpoints of the Hugging Face hub that downloads use."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType


class Hub:
    """Serves the files of a folder as those of a repository of any name."""

    def __init__(self, folder: Path) -> None:
        self.requests: list[str] = []
        self.is_down = False  # responds with 503 after a delay
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(head=True)

            def do_GET(self) -> None:
                self._answer(head=False)

            def _answer(self, head: bool) -> None:
                name = self.path.rpartition("/")[2]
                hub.requests.append(f"{self.command} {name}")
                if hub.is_down:
                    time.sleep(0.5)
                    self.send_error(503)
                    return
                if not (folder / name).is_file():
                    self.send_error(404)
                    return
                content = (folder / name).read_bytes()
                self.send_response(200)
                self.send_header("etag", f'"{len(content)}"')
                self.send_header("x-repo-commit", "0" * 40)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                if not head:
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Hub:
        threading.Thread(target=self._server.serve_forever, args=[0.05]).start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
