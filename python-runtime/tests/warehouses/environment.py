"""Python environments of the engines, in the user's cache: made once by uv, with hashes, then reused."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.warehouses.errors import EngineError, UnavailableError

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kaelio-ktx" / "warehouses"
REQUIREMENTS = Path(__file__).parent / "requirements"
# Of the development environment, whose interpreter runs the harness.
UV = Path(sys.executable).with_name("uv")
NEWEST_MINOR = 14
DIGEST = 12  # hexadecimal digits in the name of a folder


@dataclass(frozen=True)
class Environment:
    """An environment with the packages of an engine and of its client.

    `packages` are what the lock is resolved from; `python` is the minimum version that all of them support.
    """

    name: str
    packages: tuple[str, ...]
    python: tuple[int, int] = (3, 11)

    @property
    def lock(self) -> Path:
        """The pinned packages with their hashes, without the address of an index."""
        return REQUIREMENTS / f"requirements-{self.name}.txt"

    @property
    def folder(self) -> Path:
        """Return the folder, which depends on the lock."""
        return CACHE / f"{self.name}-{hashlib.sha256(self.lock.read_bytes()).hexdigest()[:DIGEST]}"

    def pinned_version(self, package: str) -> str:
        """Return the version of a package in the lock."""
        lines = self.lock.read_text().splitlines()
        return next(line.split("==")[1].split()[0] for line in lines if line.startswith(f"{package}=="))

    def executable(self, name: str = "python") -> Path:
        """Return an installed program; `prepare` comes first."""
        return self.folder / "bin" / name

    def prepare(self) -> None:
        """Install the packages unless they are installed. Raises UnavailableError without a suitable interpreter."""
        with locked(self.folder.with_name(f"{self.name}.lock")):
            ready = self.folder / ".ready"
            if ready.exists():
                return
            interpreter = find_interpreter(self.python)
            for outdated in CACHE.glob(f"{self.name}-{'[0-9a-f]' * DIGEST}"):
                shutil.rmtree(outdated)
            run_uv("venv", "--python", interpreter, str(self.folder))
            flags = ("--python", str(self.folder), "--require-hashes", "--requirements", str(self.lock))
            run_uv("pip", "install", *flags)
            ready.touch()

    def update_lock(self) -> None:
        """Resolve the packages to their newest versions, for every platform."""
        flags = ("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--upgrade")
        minimum = ".".join(map(str, self.python))
        requirements = "\n".join(self.packages)
        run_uv("pip", "compile", "-", *flags, "--python-version", minimum, "-o", str(self.lock), stdin=requirements)


def find_interpreter(minimum: tuple[int, int]) -> str:
    """Return the oldest interpreter from a minimum version on. Raises UnavailableError."""
    if sys.version_info[:2] >= minimum:
        return sys.executable
    for minor in range(minimum[1], NEWEST_MINOR + 1):
        pyenv = glob.glob(str(Path.home() / ".pyenv" / "versions" / f"3.{minor}.*" / "bin" / "python"))
        for candidate in [shutil.which(f"python3.{minor}"), *pyenv]:
            # A shim exists for versions that are not selected, and fails.
            if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
                return candidate
    raise UnavailableError(f"there is no Python {'.'.join(map(str, minimum))}")


def run_uv(*arguments: str, stdin: str = "") -> None:
    """Run uv. Raises EngineError with its output if it fails."""
    variables = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(
        [UV, "--quiet", *arguments], input=stdin, capture_output=True, text=True, env=variables, check=False
    )
    if done.returncode != 0:
        raise EngineError(f"uv {' '.join(arguments[:2])} failed: {done.stderr.strip()}")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the lock of a folder in the cache, so that two runs do not install it at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
