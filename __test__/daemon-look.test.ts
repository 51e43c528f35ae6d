import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import {
  allocateDaemonPort,
  type ManagedPythonDaemonStatus,
  readManagedPythonDaemonStatus,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { failureOf } from './support/failure.js';
import { baseUrl, fakeHost, health, pid, stateOf } from './support/fake-host.js';
import { freshRuntime } from './support/runtime.js';

const writeState = (path: string, replaced: Record<string, unknown>, state: object) => {
  writeFileSync(path, JSON.stringify({ ...state, ...replaced }));
};

describe('a look', () => {
  it('finds nothing where nothing is, and makes nothing', async () => {
    const { look, options, layout } = fakeHost();
    await expect(look()).resolves.toStrictEqual({
      kind: 'stopped',
      detail: `No daemon state at ${layout.daemonStatePath}`,
      layout,
    });
    const untouched = freshRuntime();
    await readManagedPythonDaemonStatus(untouched.options);
    expect(existsSync(untouched.options.runtimeRoot)).toBe(false);
    expect(options.cliVersion).toBe('0.2.0');
  });

  it('finds a daemon that runs', async () => {
    const { start, look, layout } = fakeHost();
    await start();
    await expect(look()).resolves.toMatchObject({
      kind: 'running',
      detail: `Daemon running at ${baseUrl}`,
      layout,
      state: stateOf(layout),
      baseUrl,
    });
  });

  it('finds that the process is gone', async () => {
    const { start, look, die } = fakeHost();
    await start();
    die();
    await expect(look()).resolves.toMatchObject({ kind: 'stale', detail: `Daemon process ${pid} is not running` });
  });

  it('finds a daemon of another version', async () => {
    const { start, look, layout } = fakeHost();
    await start();
    const state = JSON.parse(readFileSync(layout.daemonStatePath, 'utf8'));
    writeState(layout.daemonStatePath, { version: '0.1.9' }, state);
    await expect(look()).resolves.toMatchObject({
      kind: 'stale',
      detail: 'Daemon is for CLI 0.1.9, current CLI is 0.2.0',
    });
  });

  it.each(['', '\0', '{"pid":', 'null', '[]', '{"schemaVersion":1,"pid":"x"}'])(
    'finds a state that is %j',
    async (garbage) => {
      const { look, layout } = fakeHost();
      writeFileSync(layout.daemonStatePath, garbage);
      const status = await look();
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
    ['says another version', async () => health({ status: 'healthy', version: '9.9.9' })],
    [
      'says no JSON',
      async () => ({ ...health(), json: () => Promise.reject(new SyntaxError('no')), text: async () => 'no' }),
    ],
  ])('finds a daemon that %s', async (_what, fetch) => {
    const { start, options, processAlive, layout } = fakeHost();
    await start();
    const before = readFileSync(layout.daemonStatePath, 'utf8');
    const status = await readManagedPythonDaemonStatus({ ...options, fetch, processAlive } as never);
    expect(status.kind).toBe('stale');
    expect(status.detail).toMatch(/\S/);
    expect(readFileSync(layout.daemonStatePath, 'utf8')).toBe(before);
  });

  it('ignores keys of a state that it does not know', async () => {
    const { start, look, layout } = fakeHost();
    await start();
    writeState(layout.daemonStatePath, { later: { any: 1 } }, JSON.parse(readFileSync(layout.daemonStatePath, 'utf8')));
    await expect(look()).resolves.toMatchObject({ kind: 'running' });
  });

  it('shows no token', async () => {
    const { start, look } = fakeHost();
    const started = await start();
    const shown = [Object.keys(started.state), Object.keys(stateIn(await look()))].flat();
    expect(shown.filter((key) => /token|secret/i.test(key))).toEqual([]);
  });
});

describe('a stop', () => {
  it('ends the daemon and removes its state', async () => {
    const { start, stop, look, killProcess, layout } = fakeHost();
    await start();
    await expect(stop()).resolves.toMatchObject({ status: 'stopped', layout, state: stateOf(layout) });
    expect(killProcess.mock.calls).toEqual([[pid]]);
    expect(existsSync(layout.daemonStatePath)).toBe(false);
    await expect(look()).resolves.toMatchObject({ kind: 'stopped' });
  });

  it('finds nothing to do where nothing is', async () => {
    const { stop, killProcess, layout } = fakeHost();
    await expect(stop()).resolves.toStrictEqual({ status: 'already-stopped', layout });
    expect(killProcess).not.toHaveBeenCalled();
  });

  it('removes the state of a daemon that died', async () => {
    const { start, stop, die, killProcess, layout } = fakeHost();
    await start();
    die();
    await expect(stop()).resolves.toMatchObject({ status: 'already-stopped' });
    expect(killProcess).not.toHaveBeenCalled();
    expect(existsSync(layout.daemonStatePath)).toBe(false);
  });

  it('signals no process that a damaged state file names', async () => {
    const { stop, killProcess, layout } = fakeHost();
    writeFileSync(layout.daemonStatePath, '{"pid":1');
    await expect(stop()).resolves.toMatchObject({ status: 'already-stopped' });
    expect(killProcess).not.toHaveBeenCalled();
  });

  it('hands back what killProcess throws', async () => {
    const { start, options, processAlive } = fakeHost();
    await start();
    const boom = Object.assign(new Error('not permitted'), { code: 'EPERM' });
    const killProcess = () => {
      throw boom;
    };
    const failure = await failureOf(() => stopManagedPythonDaemon({ ...options, processAlive, killProcess } as never));
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

/** The state that a look gave. */
function stateIn(status: ManagedPythonDaemonStatus): object {
  return status.kind === 'running' ? status.state : expect.fail(`the daemon is ${status.kind}`);
}
