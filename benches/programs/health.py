"""Measure the milliseconds from the start of a process to its first response: `health.py COMMAND ARGUMENTS…`.

The process inherits a listening socket, like the daemon from the addon, so that the request can be sent immediately;
the process responds when it is ready.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
names = {"KTX_DAEMON_LISTEN_FD": str(listener.fileno()), "KTX_DAEMON_INSTANCE": "bench", "KTX_DAEMON_VERSION": "1"}
begin = time.perf_counter()
process = subprocess.Popen(
    sys.argv[1:], env={**os.environ, **names}, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL
)
with socket.create_connection(("127.0.0.1", port)) as client:
    client.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
    response = client.recv(4096)
elapsed = time.perf_counter() - begin
process.kill()
process.wait()
if not response.startswith(b"HTTP/1.1 200"):
    raise SystemExit(f"{sys.argv[1]} responded {response!r}")
print(elapsed * 1000)
