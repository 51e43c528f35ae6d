import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import {
  allocateDaemonPort,
  type ManagedPythonDaemonStatus,
  readManagedPythonDaemonStatus,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { catchFailure } from './support/failure.js';
import { baseUrl, fakeHost, health, pid, stateOf } from './support/fake-host.js';
import { createRuntime } from './support/runtime.js';

const writeState = (path: string, overrides: Record<string, unknown>, state: object) => {
  writeFileSync(path, JSON.stringify({ ...state, ...overrides }));
};

describe('readManagedPythonDaemonStatus', () => {
  it('reports stopped without a state file, and creates nothing', async () => {
    const { readStatus, options, layout } = fakeHost();
    await expect(readStatus()).resolves.toStrictEqual({
      kind: 'stopped',
      detail: `No daemon state at ${layout.daemonStatePath}`,
      layout,
    });
    const untouched = createRuntime();
    await readManagedPythonDaemonStatus(untouched.options);
    expect(existsSync(untouched.options.runtimeRoot)).toBe(false);
    expect(options.cliVersion).toBe('0.2.0');
  });

  it('reports a running daemon', async () => {
    const { start, readStatus, layout } = fakeHost();
    await start();
    await expect(readStatus()).resolves.toMatchObject({
      kind: 'running',
      detail: `Daemon running at ${baseUrl}`,
      layout,
      state: stateOf(layout),
      baseUrl,
    });
  });

  it('reports a daemon whose process has ended', async () => {
    const { start, readStatus, die } = fakeHost();
    await start();
    die();
    await expect(readStatus()).resolves.toMatchObject({
      kind: 'stale',
      detail: `Daemon process ${pid} is not running`,
    });
  });

  it('reports a daemon of another version', async () => {
    const { start, readStatus, layout } = fakeHost();
    await start();
    const state = JSON.parse(readFileSync(layout.daemonStatePath, 'utf8'));
    writeState(layout.daemonStatePath, { version: '0.1.9' }, state);
    await expect(readStatus()).resolves.toMatchObject({
      kind: 'stale',
      detail: 'Daemon is for CLI 0.1.9, current CLI is 0.2.0',
    });
  });

  it.each(['', '\0', '{"pid":', 'null', '[]', '{"schemaVersion":1,"pid":"x"}'])(
    'reports the invalid state %j',
    async (garbage) => {
      const { readStatus, layout } = fakeHost();
      writeFileSync(layout.daemonStatePath, garbage);
      const status = await readStatus();
      expect(status.kind).toBe('stale');
      expect(status.detail).toMatch(/^Daemon state is invalid: \S/);
      expect(status).not.toHaveProperty('state');
      expect(readFileSync(layout.daemonStatePath, 'utf8')).toBe(garbage);
    },
  );

  it.each([
    ['does not answer', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers with an error', async () => health({}, 500)],
    ['is not healthy', async () => health({ status: 'stopping', version: '0.2.0' })],
    ['reports another version', async () => health({ status: 'healthy', version: '9.9.9' })],
    [
      'returns invalid JSON',
      async () => ({ ...health(), json: () => Promise.reject(new SyntaxError('no')), text: async () => 'no' }),
    ],
  ])('reports a daemon that %s as stale', async (_what, fetch) => {
    const { start, options, processAlive, layout } = fakeHost();
    await start();
    const before = readFileSync(layout.daemonStatePath, 'utf8');
    const status = await readManagedPythonDaemonStatus({ ...options, fetch, processAlive } as never);
    expect(status.kind).toBe('stale');
    expect(status.detail).toMatch(/\S/);
    expect(readFileSync(layout.daemonStatePath, 'utf8')).toBe(before);
  });

  it('ignores unknown keys of a state', async () => {
    const { start, readStatus, layout } = fakeHost();
    await start();
    writeState(layout.daemonStatePath, { later: { any: 1 } }, JSON.parse(readFileSync(layout.daemonStatePath, 'utf8')));
    await expect(readStatus()).resolves.toMatchObject({ kind: 'running' });
  });

  it('does not return the token', async () => {
    const { start, readStatus } = fakeHost();
    const started = await start();
    const shown = [Object.keys(started.state), Object.keys(runningState(await readStatus()))].flat();
    expect(shown.filter((key) => /token|secret/i.test(key))).toEqual([]);
  });
});

describe('stopManagedPythonDaemon', () => {
  it('ends the daemon and removes its state', async () => {
    const { start, stop, readStatus, killProcess, layout } = fakeHost();
    await start();
    await expect(stop()).resolves.toMatchObject({ status: 'stopped', layout, state: stateOf(layout) });
    expect(killProcess.mock.calls).toEqual([[pid]]);
    expect(existsSync(layout.daemonStatePath)).toBe(false);
    await expect(readStatus()).resolves.toMatchObject({ kind: 'stopped' });
  });

  it('does nothing without a daemon', async () => {
    const { stop, killProcess, layout } = fakeHost();
    await expect(stop()).resolves.toStrictEqual({ status: 'already-stopped', layout });
    expect(killProcess).not.toHaveBeenCalled();
  });

  it('removes the state of a daemon that has ended', async () => {
    const { start, stop, die, killProcess, layout } = fakeHost();
    await start();
    die();
    await expect(stop()).resolves.toMatchObject({ status: 'already-stopped' });
    expect(killProcess).not.toHaveBeenCalled();
    expect(existsSync(layout.daemonStatePath)).toBe(false);
  });

  it('does not signal the process of a damaged state file', async () => {
    const { stop, killProcess, layout } = fakeHost();
    writeFileSync(layout.daemonStatePath, '{"pid":1');
    await expect(stop()).resolves.toMatchObject({ status: 'already-stopped' });
    expect(killProcess).not.toHaveBeenCalled();
  });

  it('rethrows errors of killProcess', async () => {
    const { start, options, processAlive } = fakeHost();
    await start();
    const boom = Object.assign(new Error('not permitted'), { code: 'EPERM' });
    const killProcess = () => {
      throw boom;
    };
    const failure = await catchFailure(() =>
      stopManagedPythonDaemon({ ...options, processAlive, killProcess } as never),
    );
    expect(failure).toBe(boom);
  });
});

it('an allocated port is free', async () => {
  const free = await allocateDaemonPort();
  expect(free).toBeGreaterThan(1023);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(free, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => server.close(resolve));
});

/** State of a running daemon. */
function runningState(status: ManagedPythonDaemonStatus): object {
  return status.kind === 'running' ? status.state : expect.fail(`the daemon is ${status.kind}`);
}
