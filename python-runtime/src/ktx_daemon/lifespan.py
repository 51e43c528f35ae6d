"""Background tasks that run while the application serves."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.applications import Starlette

from ktx_daemon import log
from ktx_daemon.environment import Environment
from ktx_daemon.lifecycle import Lifecycle
from ktx_daemon.operations import preload_sql
from ktx_daemon.state_file import StateFile
from ktx_daemon.workers import Workers


def lifespan(
    environment: Environment, lifecycle: Lifecycle, workers: Workers
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Return the application's lifespan: background imports, the idle timeout and the polling of the state file."""

    @contextlib.asynccontextmanager
    async def run(_app: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=preload_sql, daemon=True).start()
        background: list[Coroutine[Any, Any, None]] = [_watch_state_file(environment, lifecycle)]
        if environment.idle_timeout:
            background.append(lifecycle.stop_when_idle(environment.idle_timeout))
        tasks = [asyncio.create_task(each) for each in background]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            workers.close()

    return run


async def _watch_state_file(environment: Environment, lifecycle: Lifecycle) -> None:
    """Stop the daemon when the state file names another daemon or none, as clients no longer find this one."""
    state_file = StateFile(environment.state_file, environment.instance)
    while state_file.poll():
        state_file.rotate_logs()
        await asyncio.sleep(state_file.poll_seconds)
    log.info("daemon.superseded", reason="its state file does not name it")
    lifecycle.stop()
