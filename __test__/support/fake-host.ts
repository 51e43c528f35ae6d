import {
  type ManagedPythonDaemonState,
  readManagedPythonDaemonStatus,
  type StartManagedPythonDaemonOptions,
  startManagedPythonDaemon,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { vi } from 'vitest';
import { createRuntime, writeInstalledRuntime } from './runtime.js';

/** Process and address of the daemon of the fake host; other tests use other ports, as the addon keeps its token. */
export const pid = 43210;
export const port = 61235;
export const baseUrl = `http://127.0.0.1:${port}`;
const startedAt = new Date('2026-05-06T07:08:09.000Z');

/** Response of `fetch` to `/health`. */
export const health = (body: unknown = { status: 'healthy', version: '0.2.0', features: ['core'] }, status = 200) => ({
  ok: status === 200,
  status,
  json: async () => body,
  text: async () => JSON.stringify(body),
});

/** Creates a host with a mocked process table, clock, network and installer. Its daemon lives from spawn to kill. */
export function fakeHost(overrides: { [name in keyof StartManagedPythonDaemonOptions]?: unknown } = {}) {
  const runtime = createRuntime();
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
  const hostOptions = { ...runtime.options, features: ['core'], pollIntervalMs: 1, ...callbacks, ...overrides };
  const { fetch, processAlive, killProcess } = hostOptions;
  const start = (startOptions: Partial<StartManagedPythonDaemonOptions> = {}) =>
    startManagedPythonDaemon({ ...hostOptions, ...startOptions } as never);
  const readStatus = () => readManagedPythonDaemonStatus({ ...runtime.options, fetch, processAlive } as never);
  const stop = () => stopManagedPythonDaemon({ ...runtime.options, processAlive, killProcess } as never);
  return { ...runtime, ...callbacks, unref, start, readStatus, stop, die: () => (alive = false) };
}

/** State file that a start of the fake host writes. */
export const stateOf = (layout: ReturnType<typeof createRuntime>['layout']): ManagedPythonDaemonState => ({
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
