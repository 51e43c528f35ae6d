#!/usr/bin/env python3
"""A fake daemon. Does what `daemon-mode` in its working folder says.

ok; dies, imports (what is not there), hangs, slow (before it serves); lies (about its version), garbage, sick, mute (on
`/health`); deaf (to polite requests).
Asked for `/die` it dies in the middle of the request, the first time that it is asked in its folder; asked for `/lose`
the first daemon of its folder never answers; asked for `/break` the first one says from then on that it is damaged.
"""

import http.server
import json
import os
import pathlib
import signal
import socket
import sys
import threading
import time

if sys.argv[1:2] == ["--version"]:
    print("fake")
    sys.exit()

mode_file = pathlib.Path("daemon-mode")
mode = mode_file.read_text().strip() if mode_file.exists() else "ok"
print("starting", mode, file=sys.stderr, flush=True)
if mode == "dies":
    sys.exit("no module named ktx")
if mode == "imports":
    import h_eleven  # noqa: F401 - there is no such module
if mode == "hangs":
    time.sleep(600)
if mode == "slow":
    time.sleep(0.3)
if mode == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

with open("spawns", "a") as spawns:
    spawns.write(f"{os.getpid()}\n")


broken = False


def is_first(mark: str) -> bool:
    """Whether this is the daemon of its folder that was asked first for something."""
    file = pathlib.Path(mark)
    if not file.exists():
        file.write_text(str(os.getpid()))
    return file.read_text() == str(os.getpid())


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        if self.headers.get("authorization") not in (None, "Bearer " + os.environ["KTX_DAEMON_TOKEN"]):
            self.answer(401, {"detail": "wrong token", "code": "unauthorized"})
            return
        if mode == "mute":
            time.sleep(600)
        if mode == "sick":
            self.answer(503, {"detail": "the model is still loading", "code": "loading"})
            return
        if broken:
            self.answer(503, {"detail": "my files are gone", "code": "environment_damaged"})
            return
        if mode == "garbage":
            self.wfile.write(b"\x00\xffnot HTTP at all\r\n\r\n")
            return
        version = "9.9.9" if mode == "lies" else os.environ["KTX_DAEMON_VERSION"]
        instance = os.environ["KTX_DAEMON_INSTANCE"]
        self.answer(200, {"status": "healthy", "version": version, "features": ["core"], "instance": instance})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length) or b"{}")
        if self.headers.get("authorization") != "Bearer " + os.environ["KTX_DAEMON_TOKEN"]:
            self.answer(401, {"detail": "no token", "code": "unauthorized"})
        elif self.path == "/shutdown" and mode == "ok":
            self.answer(202, {"status": "stopping"})
            threading.Thread(target=self.server.shutdown).start()
        elif self.path == "/die" and not pathlib.Path("died").exists():
            pathlib.Path("died").touch()
            os._exit(1)
        elif self.path == "/lose" and is_first("lost"):
            self.close_connection = True
        elif self.path == "/break" and is_first("broken"):
            global broken  # noqa: PLW0603 - one state a process
            broken = True
            self.answer(500, {"detail": "my files are gone", "code": "environment_damaged"})
        elif self.path == "/shutdown":
            self.answer(500, {"detail": "no", "code": "internal"})
        else:
            self.answer(200, {"echo": body, "pid": os.getpid()})

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    def server_bind(self) -> None:
        self.socket = socket.socket(fileno=int(os.environ["KTX_DAEMON_LISTEN_FD"]))
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def server_activate(self) -> None:
        pass


server = Server(("127.0.0.1", 0), Handler)
ready = int(os.environ["KTX_DAEMON_READY_FD"])
os.write(ready, json.dumps({"pid": os.getpid(), "port": server.server_port}).encode())
os.close(ready)
server.serve_forever()
