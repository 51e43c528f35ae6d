"""The wheel: reproducible, described by its manifest, with a lock that fits."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ktx_daemon import __version__

RUNTIME = Path(__file__).resolve().parent.parent
SCRIPT = RUNTIME.parent / "scripts" / "build-wheel.py"


def build(output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--output", str(output), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("assets größe") / "python"
    result = build(output, "--force")
    assert result.returncode == 0, result.stderr
    return output


def test_manifest_describes_the_files(built: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text())
    assert {key: manifest[key] for key in ("schemaVersion", "distributionName", "normalizedName", "version")} == {
        "schemaVersion": 1,
        "distributionName": "kaelio-ktx",
        "normalizedName": "kaelio_ktx",
        "version": __version__,
    }
    assert sorted(os.listdir(built)) == sorted(["manifest.json", manifest["wheel"]["file"], manifest["lock"]["file"]])
    for part in ("wheel", "lock"):
        content = (built / manifest[part]["file"]).read_bytes()
        assert manifest[part]["sha256"] == hashlib.sha256(content).hexdigest()
        assert manifest[part]["bytes"] == len(content)


def test_build_is_reproducible(built: Path, tmp_path: Path) -> None:
    result = build(tmp_path / "again", "--force")
    assert result.returncode == 0, result.stderr
    for name in os.listdir(built):
        assert (tmp_path / "again" / name).read_bytes() == (built / name).read_bytes()


def test_build_is_incremental_and_repairs_damage(built: Path) -> None:
    wheel = next(built.glob("*.whl"))
    content, written = wheel.read_bytes(), wheel.stat().st_mtime_ns
    assert "is current" in build(built).stderr
    assert wheel.stat().st_mtime_ns == written
    wheel.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "Built" in build(built).stderr
    assert wheel.read_bytes() == content


def test_wheel_contains_the_packages_only(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = wheel.namelist()
        metadata = wheel.read(f"kaelio_ktx-{__version__}.dist-info/METADATA").decode()
        entry_points = wheel.read(f"kaelio_ktx-{__version__}.dist-info/entry_points.txt").decode()
    sources = {str(file.relative_to(RUNTIME / "src").as_posix()) for file in (RUNTIME / "src").rglob("*.py")}
    sources |= {"ktx_daemon/embeddings/minilm.onnx", "ktx_daemon/profile/secret_forms.txt"}
    sources |= {"ktx_daemon/py.typed", "semantic_layer/py.typed"}
    assert {name for name in names if ".dist-info/" not in name} == sources
    assert "Requires-Python: >=3.10" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert "ktx-daemon = ktx_daemon.cli:main" in entry_points


def test_lock_is_pinned_and_hashed_without_registry(built: Path) -> None:
    text = (built / "requirements.lock").read_text()
    assert "://" not in text
    core, *features = re.split(r"^# feature: ", text, flags=re.M)
    assert [feature.split("\n", 1)[0] for feature in features] == [
        "local-embeddings",
        "bigquery",
        "clickhouse",
        "duckdb",
        "snowflake",
        "spark",
        "spark-connect",
        "sqlalchemy",
    ]
    names = []
    for part in (core, *(feature.split("\n", 1)[1] for feature in features)):
        requirements = re.findall(
            r"^([A-Za-z0-9_.-]+)==[^\\]+\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", part, re.M
        )
        lines = [line for line in part.splitlines() if line and not line.startswith(("#", " "))]
        assert len(requirements) == len(lines)
        names.append({name for name, _ in requirements})
    assert {"h11", "msgspec", "pg8000", "pymysql", "sqlglot", "starlette", "uvicorn"} <= names[0]
    assert {"onnxruntime", "tokenizers", "safetensors", "huggingface-hub"} <= names[1]
    assert {"google-auth", "truststore", "urllib3"} <= names[2]
    assert {"clickhouse-connect", "urllib3"} <= names[3]
    assert {"duckdb", "pytz"} <= names[4]
    assert {"snowflake-connector-python", "nanoarrow"} <= names[5]
    assert names[6] == {"thrift"}
    assert {"grpcio", "nanoarrow", "protobuf"} <= names[7]
    assert "sqlalchemy" in names[8]
    assert not {"torch", "sentence-transformers"} & names[1]
    assert not {"grpcio", "google-cloud-bigquery"} & names[2]
    assert not names[0].intersection(*names[1:])


def test_every_environment_variable_is_documented_where_it_is_read() -> None:
    import ktx_daemon.environment

    documented = set(re.findall(r"`(KTX_\w+)`", ktx_daemon.environment.__doc__ or ""))
    read: set[str] = set()
    for file in (RUNTIME / "src").rglob("*.py"):
        found = set(re.findall(r"[\"'](KTX_\w+)[\"']", file.read_text(encoding="utf-8")))
        assert not found or file.name == "environment.py", file
        read |= found
    assert read == documented


def test_source_tree_that_does_not_build_is_a_single_error(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(RUNTIME, copy / "python-runtime", ignore=shutil.ignore_patterns(".venv", "__pycache__", ".*_cache"))
    (copy / "scripts").mkdir()
    shutil.copy(SCRIPT, copy / "scripts")
    (copy / "python-runtime" / "pyproject.toml").write_text("nonsense")
    command = [sys.executable, str(copy / "scripts" / SCRIPT.name)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "failed with exit code" in result.stderr
    assert not (copy / "assets" / "python" / "manifest.json").exists()
