import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StartManagedPythonDaemonOptions, startManagedPythonDaemon } from '@kaelio/ktx';
import { onTestFinished, vi } from 'vitest';
import { isAlive } from './child.js';
import { packageDir } from './package.js';
import { createRuntime, writeExecutable, writeInstalledRuntime } from './runtime.js';
import { temporaryFolder } from './temp.js';

/** Behaviour of the fake daemon; see `fake-daemon.mjs`. */
export type FakeDaemonMode =
  | 'ok'
  | 'slow'
  | 'exits'
  | 'hangs'
  | 'wrong-version'
  | 'wrong-instance'
  | 'invalid-json'
  | 'ignores-stop';

/** Arguments and environment of a started fake daemon. */
export interface FakeDaemonRecord {
  pid: number;
  args: string[];
  env: Record<string, string>;
}

/** Creates an installed runtime whose daemon is the fake one (not on Windows: it is a shell script). */
export function createRuntimeWithFakeDaemon(mode: FakeDaemonMode) {
  const recordsDir = join(temporaryFolder(), 'records');
  mkdirSync(recordsDir);
  const runtime = createRuntime();
  writeInstalledRuntime(runtime, ['core'], script(mode, recordsDir));
  /** Records of all daemons spawned so far. */
  const spawned = () => readRecords(recordsDir);
  onTestFinished(() => killAll(spawned));
  return {
    ...runtime,
    spawned,
    /** Records of running daemons. */
    alive: () => spawned().filter(({ pid }) => isAlive(pid)),
    /** Lets daemons in mode `slow` continue. */
    go: () => writeFileSync(join(recordsDir, 'go'), ''),
    /** Sets the mode of daemons that are spawned later. */
    setMode: (next: FakeDaemonMode) => writeExecutable(runtime.layout.daemonPath, script(next, recordsDir)),
    start: (overrides: Partial<StartManagedPythonDaemonOptions> = {}) =>
      startManagedPythonDaemon({ ...runtime.options, features: ['core'], startupTimeoutMs: 30_000, ...overrides }),
  };
}

function script(mode: FakeDaemonMode, recordsDir: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const fake = join(packageDir, '__test__', 'fake-daemon.mjs');
  return `#!/bin/sh
export FAKE_DAEMON_MODE=${mode} FAKE_DAEMON_DIR=${quoted(recordsDir)}
exec ${quoted(process.execPath)} ${quoted(fake)} "$@"
`;
}

function readRecords(folder: string): FakeDaemonRecord[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

async function killAll(spawned: () => FakeDaemonRecord[]): Promise<void> {
  for (const { pid } of spawned().filter((each) => isAlive(each.pid))) process.kill(pid, 'SIGKILL');
  await vi.waitUntil(() => spawned().every(({ pid }) => !isAlive(pid)), { timeout: 10_000 });
}
