#!/usr/bin/env python3
"""Pin the uv that the managed runtime provisions for itself, in src/runtime/provision/uv.json.

    python scripts/update-uv-pin.py            pin the newest uv
    python scripts/update-uv-pin.py 1.2.3      pin this version

Downloads the wheel of each platform with pip, from its configured index, and writes the name, SHA-256 and size of the
wheel and of the executable in it. The file has no index URL: wheels are downloaded from the index of each user.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PIN = Path(__file__).resolve().parent.parent / "src" / "runtime" / "provision" / "uv.json"

# Platform and architecture of Node and, on Linux, the C library, with the accepted tags of pip in order of preference.
PLATFORMS = {
    "darwin-arm64": ["macosx_11_0_arm64"],
    "darwin-x64": ["macosx_10_12_x86_64"],
    "linux-arm64-gnu": ["manylinux_2_17_aarch64", "manylinux_2_28_aarch64"],
    "linux-arm64-musl": ["musllinux_1_1_aarch64"],
    "linux-x64-gnu": ["manylinux_2_17_x86_64"],
    "linux-x64-musl": ["musllinux_1_1_x86_64"],
    "win32-arm64": ["win_arm64"],
    "win32-x64": ["win_amd64"],
}


def main() -> int:
    """Run the command line."""
    version = sys.argv[1] if len(sys.argv) > 1 else ""
    wheels: dict[str, object] = {}
    for platform, tags in PLATFORMS.items():
        with tempfile.TemporaryDirectory() as folder:
            wheel = download(f"uv=={version}" if version else "uv", tags, Path(folder))
            version = wheel.name.split("-")[1]
            entry = file_entry(wheel.name, wheel.read_bytes())
            wheels[platform] = {**entry, "executable": executable_entry(wheel, platform)}
        print(f"{platform}: {wheels[platform]['file']}", file=sys.stderr)  # type: ignore[index]
    pin = {"version": version, "wheels": wheels}
    PIN.write_text(json.dumps(pin, indent=2) + "\n", encoding="utf-8", newline="\n")
    return 0


def download(requirement: str, tags: list[str], folder: Path) -> Path:
    """Download one wheel."""
    platforms = [argument for tag in tags for argument in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, *platforms, "--dest", str(folder), requirement], check=True)  # noqa: S603
    (wheel,) = folder.glob("*.whl")
    return wheel


def executable_entry(wheel: Path, platform: str) -> dict[str, object]:
    """Return the entry of the executable in a wheel, with its path there."""
    name = "uv.exe" if platform.startswith("win32") else "uv"
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (entry for entry in archive.namelist() if entry.endswith(f".data/scripts/{name}"))
        return file_entry(entry, archive.read(entry))


def file_entry(file: str, content: bytes) -> dict[str, object]:
    """Return the name, checksum and size of a file."""
    return {"file": file, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


if __name__ == "__main__":
    sys.exit(main())
