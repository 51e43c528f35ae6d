"""Large batches of SQL texts are divided over the cores; small ones stay where they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ktx_daemon import cancellation
from ktx_daemon.processes import cores, map_chunks

Item = TypeVar("Item")
Result = TypeVar("Result")

# Below this many characters (about a second of work) one core is done before other processes would have started.
MIN_PARALLEL_CHARACTERS = 60_000
# Small enough that the cores finish together, and that a cancelled batch ends soon.
CHUNK_CHARACTERS = 10_000


def map_in_chunks(
    function: Callable[[list[Item]], list[Result]],
    items: list[Item],
    size: Callable[[Item], int],
    max_workers: int | None,
) -> list[Result]:
    """Apply a module-level function of a list to all items, on several cores if that pays; results in order."""
    chunks = list(_chunks(items, size))
    total = sum(size(item) for item in items)
    if total >= MIN_PARALLEL_CHARACTERS and min(cores(), max_workers or cores()) > 1:
        answers = map_chunks(function, chunks, max_workers)
    else:
        token = cancellation.current()
        answers = []
        for chunk in chunks:
            token.check()
            answers.append(function(chunk))
    return [result for answer in answers for result in answer]


def _chunks(items: list[Item], size: Callable[[Item], int]) -> list[list[Item]]:
    chunks: list[list[Item]] = []
    room = 0
    for item in items:
        if room <= 0:
            chunks.append([])
            room = CHUNK_CHARACTERS
        chunks[-1].append(item)
        room -= size(item) + 1
    return chunks
