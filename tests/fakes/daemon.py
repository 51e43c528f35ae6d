#!/usr/bin/env python3
"""A fake daemon. Does what `daemon-mode` in its working folder says: ok, dies, hangs, lies, deaf (to polite requests)."""

import http.server
import json
import os
import pathlib
import signal
import socket
import sys
import threading
import time

mode_file = pathlib.Path("daemon-mode")
mode = mode_file.read_text().strip() if mode_file.exists() else "ok"
print("starting", mode, file=sys.stderr, flush=True)
if mode == "dies":
    sys.exit("no module named ktx")
if mode == "hangs":
    time.sleep(600)
if mode == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

with open("spawns", "a") as spawns:
    spawns.write(f"{os.getpid()}\n")


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
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
