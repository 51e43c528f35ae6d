#!/usr/bin/env python3
"""A fake external daemon: HTTPS with FOLDER/cert.pem, and the token `hunter2`. Writes its port to FOLDER/port."""

import http.server
import json
import pathlib
import ssl
import sys

folder = pathlib.Path(sys.argv[1])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        known = self.headers.get("authorization") == "Bearer hunter2"
        answer = {"path": self.path, "body": body} if known else {"detail": "No token", "code": "unauthorized"}
        data = json.dumps(answer).encode()
        self.send_response(200 if known else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that does not trust the certificate is what one test is about."""


server = Server(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
