"""Division of large batches of SQL texts into chunks for the process pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ktx_daemon import cancellation
from ktx_daemon.processes import available_cores, map_chunks

Item = TypeVar("Item")
Result = TypeVar("Result")

# Batches below this size (about a second of work) finish before other processes would have started.
MIN_PARALLEL_CHARACTERS = 60_000
# Small enough to balance the load, and to end a cancelled batch soon.
CHUNK_CHARACTERS = 10_000


def map_in_chunks(
    function: Callable[[list[Item]], list[Result]],
    items: list[Item],
    size: Callable[[Item], int],
    max_workers: int | None,
) -> list[Result]:
    """Apply a module-level function of a list to all items, in parallel for large batches; results are in order."""
    chunks = list(_split_into_chunks(items, size))
    total = sum(size(item) for item in items)
    if total >= MIN_PARALLEL_CHARACTERS and min(available_cores(), max_workers or available_cores()) > 1:
        answers = map_chunks(function, chunks, max_workers)
    else:
        token = cancellation.current()
        answers = []
        for chunk in chunks:
            token.check()
            answers.append(function(chunk))
    return [result for answer in answers for result in answer]


def _split_into_chunks(items: list[Item], size: Callable[[Item], int]) -> list[list[Item]]:
    chunks: list[list[Item]] = []
    remaining = 0
    for item in items:
        if remaining <= 0:
            chunks.append([])
            remaining = CHUNK_CHARACTERS
        chunks[-1].append(item)
        remaining -= size(item) + 1
    return chunks
