#!/usr/bin/env python3
"""Pack the running Python as a relocatable archive that uv can install, with the list of downloads that names it.

    python scripts/pack-python.py FOLDER

Writes python.tar.gz and downloads.json, whose URL is below the default mirror of uv: tests serve both, and set
UV_PYTHON_INSTALL_MIRROR and UV_PYTHON_DOWNLOADS_JSON_URL. For tests on Linux only.
"""

import hashlib
import io
import json
import platform
import sys
import tarfile
from pathlib import Path, PurePath

DEFAULT_MIRROR = "https://github.com/astral-sh/python-build-standalone/releases/download"
LEFT_OUT = {"__pycache__", "dist-packages", "idlelib", "lib2to3", "site-packages", "test", "tests", "tkinter"}

folder = Path(sys.argv[1])
prefix = Path(sys.base_prefix)
name = f"python{sys.version_info.major}.{sys.version_info.minor}"


def is_needed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what the standard library does not need."""
    parts = PurePath(entry.name).parts
    return None if LEFT_OUT.intersection(parts) or parts[-1].startswith("config-") else entry


def relocatable(executable: bytes) -> bytes:
    """Make the search path of shared libraries relative; it is shorter than the absolute one that it replaces."""
    absolute, relative = f"{prefix}/lib\0".encode(), b"$ORIGIN/../lib\0"
    return executable.replace(absolute, relative.ljust(len(absolute), b"\0"))


def pack() -> bytes:
    """Pack interpreter, standard library and shared libraries."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", compresslevel=1) as archive:
        executable = relocatable((prefix / "bin" / name).read_bytes())
        entry = tarfile.TarInfo(f"python/bin/{name}")
        entry.size, entry.mode = len(executable), 0o755
        archive.addfile(entry, io.BytesIO(executable))
        archive.add(prefix / "lib" / name, f"python/lib/{name}", filter=is_needed)
        for library in (prefix / "lib").glob("libpython*.so*"):
            archive.add(library, f"python/lib/{library.name}")
    return data.getvalue()


def downloads(archive: bytes) -> dict[str, object]:
    """List the archive in the format of UV_PYTHON_DOWNLOADS_JSON_URL."""
    machine, libc = platform.machine(), "gnu" if platform.libc_ver()[0] == "glibc" else "musl"
    major, minor, patch = sys.version_info[:3]
    entry = {
        "name": "cpython",
        "arch": {"family": machine, "variant": None},
        "os": "linux",
        "libc": libc,
        "major": major,
        "minor": minor,
        "patch": patch,
        "prerelease": "",
        "url": f"{DEFAULT_MIRROR}/0/python.tar.gz",
        "sha256": hashlib.sha256(archive).hexdigest(),
        "variant": None,
        "build": "0",
    }
    return {f"cpython-{major}.{minor}.{patch}-linux-{machine}-{libc}": entry}


packed = pack()
(folder / "python.tar.gz").write_bytes(packed)
(folder / "downloads.json").write_text(json.dumps(downloads(packed)))
