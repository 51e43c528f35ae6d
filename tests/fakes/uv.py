#!/usr/bin/env python3
"""A fake uv. Notes its calls in `calls` beside it and does what `mode` beside it says: ok, fail, hang, slow, full,
shared_python, which makes an interpreter that everybody may write, or fill, which ends well and leaves as many bytes of
the disk free as `room` beside it says.

What it installs as the daemon is `daemon.py` beside it, where there is one.
"""

import os
import pathlib
import sys
import time

here = pathlib.Path(__file__).resolve().parent
mode = (here / "mode").read_text().strip()
with (here / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[1:3]) + "\n")


def executable(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


if sys.argv[1] == "--version":
    print("uv 9.9.9 (fake)")
elif sys.argv[1:3] == ["python", "find"]:
    print(sys.executable)
elif sys.argv[1] == "venv":
    python = pathlib.Path(sys.argv[-1]) / "bin" / "python"
    executable(python, "#!/bin/sh\n")
    if mode == "shared_python":
        python.chmod(0o777)
elif mode == "fail":
    print("error: no space left at https://user:secret@index.example/simple", file=sys.stderr)
    sys.exit(2)
elif mode == "hang":
    (here / "hanging").write_text(str(os.getpid()))
    time.sleep(600)
else:
    if mode in ("slow", "full"):
        library = pathlib.Path(sys.argv[sys.argv.index("--python") + 1]).parent.parent / "lib"
        library.mkdir(exist_ok=True)
        for number in range(16):
            (library / f"{number}.py").write_bytes(b"x" * (1 << 20 if mode == "full" else 100))
            time.sleep(0.02)
    python = pathlib.Path(sys.argv[sys.argv.index("--python") + 1])
    daemon = here / "daemon.py"
    text = daemon.read_text() if daemon.exists() else f"#!/bin/sh\necho {sys.argv[-1]}\n"
    executable(python.parent / "ktx-daemon", text)
    site = python.parent.parent / "lib" / "python3.99" / "site-packages"
    (site / "h11").mkdir(parents=True, exist_ok=True)
    (site / "h11" / "__init__.py").write_text("h11")
    (site / "h11-1.dist-info").mkdir(exist_ok=True)
    (site / "h11-1.dist-info" / "RECORD").write_text("h11/__init__.py,sha256=x,3\n")
    if mode == "fill":
        with (site / "big").open("wb", buffering=0) as big:
            try:
                while True:
                    big.write(b"x" * 4096)
            except OSError:
                pass
            big.truncate(max(0, big.tell() - int((here / "room").read_text())))
