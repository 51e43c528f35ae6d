import {
  type ManagedPythonDaemonState,
  readManagedPythonDaemonStatus,
  type StartManagedPythonDaemonOptions,
  startManagedPythonDaemon,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { vi } from 'vitest';
import { freshRuntime, writeInstalledRuntime } from './runtime.js';

/** What the fake host's daemon is, and where. */
export const pid = 43210;
export const port = 61234;
export const baseUrl = `http://127.0.0.1:${port}`;
const startedAt = new Date('2026-05-06T07:08:09.000Z');

/** An answer of `fetch` to `/health`. */
export const health = (body: unknown = { status: 'healthy', version: '0.2.0', features: ['core'] }, status = 200) => ({
  ok: status === 200,
  status,
  json: async () => body,
  text: async () => JSON.stringify(body),
});

/** A host whose process table, clock, network and installer are mocks. Its daemon lives from spawn to kill. */
export function fakeHost(replaced: { [name in keyof StartManagedPythonDaemonOptions]?: unknown } = {}) {
  const runtime = freshRuntime();
  const manifest = writeInstalledRuntime(runtime);
  let alive = false;
  const unref = vi.fn();
  const callbacks = {
    installRuntime: vi.fn(async () => ({ status: 'ready', layout: runtime.layout, asset: {}, manifest }) as never),
    spawnDaemon: vi.fn((..._args: unknown[]) => {
      alive = true;
      return { pid, unref } as { pid?: number; unref(): void };
    }),
    fetch: vi.fn(async (_url: string) => health()),
    allocatePort: vi.fn(async () => port),
    processAlive: vi.fn((_pid: number) => alive),
    killProcess: vi.fn((_pid: number) => {
      alive = false;
    }),
    now: vi.fn(() => startedAt),
  };
  const used = { ...runtime.options, features: ['core'], pollIntervalMs: 1, ...callbacks, ...replaced };
  const { fetch, processAlive, killProcess } = used;
  const start = (more: Partial<StartManagedPythonDaemonOptions> = {}) =>
    startManagedPythonDaemon({ ...used, ...more } as never);
  const look = () => readManagedPythonDaemonStatus({ ...runtime.options, fetch, processAlive } as never);
  const stop = () => stopManagedPythonDaemon({ ...runtime.options, processAlive, killProcess } as never);
  return { ...runtime, ...callbacks, unref, start, look, stop, die: () => (alive = false) };
}

/** The state that such a start leaves. */
export const stateOf = (layout: ReturnType<typeof freshRuntime>['layout']): ManagedPythonDaemonState => ({
  schemaVersion: 1,
  pid,
  host: '127.0.0.1',
  port,
  version: '0.2.0',
  features: ['core'],
  startedAt: startedAt.toISOString(),
  stdoutLog: layout.daemonStdoutPath,
  stderrLog: layout.daemonStderrPath,
});
