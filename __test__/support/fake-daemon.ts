import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StartManagedPythonDaemonOptions, startManagedPythonDaemon } from '@kaelio/ktx';
import { onTestFinished, vi } from 'vitest';
import { isAlive } from './child.js';
import { packageDir } from './package.js';
import { freshRuntime, writeExecutable, writeInstalledRuntime } from './runtime.js';
import { temporaryFolder } from './temp.js';

/** How the fake daemon behaves; see `fake-daemon.mjs`. */
export type FakeDaemonMode = 'ok' | 'slow' | 'dies' | 'hangs' | 'lies' | 'stranger' | 'garbage' | 'deaf';

/** How a fake daemon was called. */
export interface FakeDaemonNote {
  pid: number;
  args: string[];
  env: Record<string, string>;
}

/** An installed-looking runtime whose daemon is the fake one (not for Windows: it is a script). */
export function runtimeWithFakeDaemon(mode: FakeDaemonMode) {
  const notesDir = join(temporaryFolder(), 'notes');
  mkdirSync(notesDir);
  const runtime = freshRuntime();
  writeInstalledRuntime(runtime, ['core'], script(mode, notesDir));
  /** Every daemon that was ever spawned here. */
  const spawned = () => notesIn(notesDir);
  onTestFinished(() => endAll(spawned));
  return {
    ...runtime,
    spawned,
    /** Those that still run. */
    alive: () => spawned().filter(({ pid }) => isAlive(pid)),
    /** Lets slow daemons go on. */
    go: () => writeFileSync(join(notesDir, 'go'), ''),
    /** Changes how daemons behave that are spawned from now on. */
    become: (next: FakeDaemonMode) => writeExecutable(runtime.layout.daemonPath, script(next, notesDir)),
    start: (more: Partial<StartManagedPythonDaemonOptions> = {}) =>
      startManagedPythonDaemon({ ...runtime.options, features: ['core'], startupTimeoutMs: 30_000, ...more }),
  };
}

function script(mode: FakeDaemonMode, notesDir: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const fake = join(packageDir, '__test__', 'fake-daemon.mjs');
  return `#!/bin/sh
export FAKE_DAEMON_MODE=${mode} FAKE_DAEMON_DIR=${quoted(notesDir)}
exec ${quoted(process.execPath)} ${quoted(fake)} "$@"
`;
}

function notesIn(folder: string): FakeDaemonNote[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

async function endAll(spawned: () => FakeDaemonNote[]): Promise<void> {
  for (const { pid } of spawned().filter((each) => isAlive(each.pid))) process.kill(pid, 'SIGKILL');
  await vi.waitUntil(() => spawned().every(({ pid }) => !isAlive(pid)), { timeout: 10_000 });
}
