import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import {
  ManagedPythonDaemonStartError,
  type StartManagedPythonDaemonOptions,
  startManagedPythonDaemon,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';
import { baseUrl, fakeHost, health, pid, port, stateOf } from './support/fake-host.js';
import { createRuntime } from './support/runtime.js';

describe('startManagedPythonDaemon', () => {
  it('returns the state and the URL, and writes a state file with mode 0600', async () => {
    const { start, layout, unref } = fakeHost();
    const result = await start();
    expect(result).toMatchObject({ status: 'started', layout, baseUrl, state: stateOf(layout) });
    expect(JSON.parse(readFileSync(layout.daemonStatePath, 'utf8'))).toMatchObject(stateOf(layout));
    if (process.platform !== 'win32') expect(statSync(layout.daemonStatePath).mode & 0o777).toBe(0o600);
    expect(unref).toHaveBeenCalledTimes(1);
  });

  it('spawns the daemon of the runtime with the fixed arguments', async () => {
    const { start, layout, spawnDaemon } = fakeHost();
    const opened: boolean[] = [];
    const recordingSpawn = vi.fn((...args: unknown[]) => {
      const { stdio } = args[2] as { stdio: [string, number, number] };
      opened.push(...[stdio[1], stdio[2]].map((fd) => typeof fd === 'number'));
      return spawnDaemon(...args);
    });
    await start({ spawnDaemon: recordingSpawn as never });

    const [command, args, options] = recordingSpawn.mock.calls[0] as [string, string[], Record<string, unknown>];
    expect(recordingSpawn).toHaveBeenCalledTimes(1);
    expect(command).toBe(layout.daemonPath);
    expect(args).toEqual(['serve-http', '--host', '127.0.0.1', '--port', String(port)]);
    expect(Object.keys(options).sort()).toEqual(['detached', 'env', 'stdio']);
    expect(options).toMatchObject({
      detached: true,
      stdio: ['ignore', expect.any(Number), expect.any(Number)],
      env: { KTX_DAEMON_VERSION: '0.2.0' },
    });
    expect(opened).toEqual([true, true]);
    expect(existsSync(layout.daemonStdoutPath) && existsSync(layout.daemonStderrPath)).toBe(true);
  });

  it('passes the environment to the daemon, as strings', async () => {
    const { start, spawnDaemon } = fakeHost();
    await start({ env: { PATH: '/bin', LANG: 'C', ABSENT: undefined, KTX_DAEMON_VERSION: 'wrong' } });
    const [, , { env }] = spawnDaemon.mock.calls[0] as unknown as [string, string[], { env: Record<string, string> }];
    expect(env).toMatchObject({ PATH: '/bin', LANG: 'C', KTX_DAEMON_VERSION: '0.2.0' });
    for (const value of Object.values(env)) expect(value).toBeTypeOf('string');
  });

  it('installs the runtime with the same options and normalised features', async () => {
    const { start, options, installRuntime } = fakeHost({
      fetch: async () => health({ status: 'healthy', version: '0.2.0', features: ['core', 'local-embeddings'] }),
    });
    await start({ features: ['local-embeddings'] });
    expect(installRuntime.mock.calls).toStrictEqual([
      [{ ...options, features: ['core', 'local-embeddings'], force: false }],
    ]);
  });

  it('spawns the executable of the installed manifest, else that of the layout', async () => {
    const daemonExecutable = '/opt/host/bin/ktx-daemon';
    for (const [manifest, expected] of [
      [{ python: { executable: '/opt/host/bin/python', daemonExecutable } }, daemonExecutable],
      [{ python: {} }, undefined],
      [{ python: { daemonExecutable: '' } }, undefined],
      [{}, undefined],
      [undefined, undefined],
    ] as const) {
      const { start, layout, spawnDaemon } = fakeHost({ installRuntime: async () => ({ layout: {}, manifest }) });
      const started = await start();
      expect(spawnDaemon.mock.calls[0]?.[0]).toBe(expected ?? layout.daemonPath);
      expect(started.layout).toEqual(layout);
    }
  });

  it('polls /health until it is healthy', async () => {
    const fetch = vi
      .fn<(url: string) => Promise<unknown>>()
      .mockRejectedValueOnce(new TypeError('fetch failed'))
      .mockResolvedValueOnce(health({}, 503))
      .mockResolvedValueOnce(health({ status: 'starting' }))
      .mockResolvedValue(health());
    const { start } = fakeHost({ fetch });
    await expect(start()).resolves.toMatchObject({ status: 'started' });
    expect(fetch.mock.calls.length).toBeGreaterThanOrEqual(4);
    for (const call of fetch.mock.calls) expect(call).toEqual([`${baseUrl}/health`]);
  });

  it('accepts callbacks that return plain values', async () => {
    const { start } = fakeHost({
      allocatePort: () => port,
      fetch: () => ({ ...health(), json: () => ({ status: 'healthy', version: '0.2.0', features: ['core'] }) }),
    });
    await expect(start()).resolves.toMatchObject({ status: 'started', baseUrl });
  });

  it('starts once for concurrent calls', async () => {
    const { start, spawnDaemon } = fakeHost();
    const results = await Promise.all([start(), start(), start()]);
    expect(spawnDaemon).toHaveBeenCalledTimes(1);
    expect(results.map(({ status }) => status).sort()).toEqual(['reused', 'reused', 'started']);
  });
});

describe('a start with an existing daemon', () => {
  it('reuses a usable daemon', async () => {
    const { start, spawnDaemon, layout } = fakeHost();
    await start();
    await expect(start()).resolves.toMatchObject({ status: 'reused', layout, baseUrl, state: stateOf(layout) });
    expect(spawnDaemon).toHaveBeenCalledTimes(1);
  });

  it('replaces it when forced', async () => {
    const { start, spawnDaemon, killProcess } = fakeHost();
    await start();
    await expect(start({ force: true })).resolves.toMatchObject({ status: 'started' });
    expect(killProcess).toHaveBeenCalledWith(pid);
    expect(spawnDaemon).toHaveBeenCalledTimes(2);
  });

  it('assumes that killProcess has ended it, even if processAlive returns true', async () => {
    const { start, spawnDaemon, killProcess, stop } = fakeHost({ processAlive: () => true });
    await start();
    const startedAt = performance.now();
    await expect(start({ force: true })).resolves.toMatchObject({ status: 'started' });
    await expect(stop()).resolves.toMatchObject({ status: 'stopped' });
    // Regression: each call waited two seconds, and then failed.
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(killProcess.mock.calls).toEqual([[pid], [pid]]);
    expect(spawnDaemon).toHaveBeenCalledTimes(2);
  });

  it('replaces it when it lacks a feature', async () => {
    const features = ['core', 'local-embeddings'];
    const fetch = vi.fn(async () => health({ status: 'healthy', version: '0.2.0', features }));
    const { start, spawnDaemon, killProcess } = fakeHost();
    await start();
    const again = await start({ features: ['local-embeddings'], fetch: fetch as never });
    expect(again).toMatchObject({ status: 'started', state: { features } });
    expect(killProcess).toHaveBeenCalledWith(pid);
    expect(spawnDaemon).toHaveBeenCalledTimes(2);
  });

  it('reuses a daemon with additional features', async () => {
    const fetch = async () => health({ status: 'healthy', version: '0.2.0', features: ['core', 'local-embeddings'] });
    const { start, spawnDaemon } = fakeHost({ fetch });
    await start({ features: ['local-embeddings'] });
    await expect(start({ features: ['core'] })).resolves.toMatchObject({ status: 'reused' });
    expect(spawnDaemon).toHaveBeenCalledTimes(1);
  });

  it('starts a new daemon if the old one has ended', async () => {
    const { start, spawnDaemon, killProcess, die } = fakeHost();
    await start();
    die();
    await expect(start()).resolves.toMatchObject({ status: 'started' });
    expect(killProcess).not.toHaveBeenCalled();
    expect(spawnDaemon).toHaveBeenCalledTimes(2);
  });

  it.each(['', '{"pid":', '[]', '{"schemaVersion":1,"pid":"x"}'])(
    'starts a new daemon with the invalid state %j',
    async (garbage) => {
      const { start, layout } = fakeHost();
      mkdirSync(layout.versionDir, { recursive: true });
      writeFileSync(layout.daemonStatePath, garbage);
      await expect(start()).resolves.toMatchObject({ status: 'started' });
      expect(JSON.parse(readFileSync(layout.daemonStatePath, 'utf8'))).toMatchObject(stateOf(layout));
    },
  );
});

describe('a start that fails', () => {
  /** Starts, checks the common properties of the failure, and returns the error. */
  async function expectStartFailure(
    host: ReturnType<typeof fakeHost>,
    options: Partial<StartManagedPythonDaemonOptions> = {},
  ) {
    const error = await catchError(() => host.start(options));
    expect(error.code).toBe('KTX_DAEMON_START_FAILED');
    expect(error).toBeInstanceOf(ManagedPythonDaemonStartError);
    const { detail, stderrLog, name } = error as unknown as ManagedPythonDaemonStartError;
    expect(name).toBe('ManagedPythonDaemonStartError');
    expect(stderrLog).toBe(host.layout.daemonStderrPath);
    expect(detail).not.toBe('');
    expect(error.message).toBe(`KTX Python daemon failed to start: ${detail}. stderr: ${stderrLog}`);
    expect(error.stack).toMatch(/^ManagedPythonDaemonStartError: [\s\S]*\n {4}at /);
    expect(existsSync(host.layout.daemonStatePath)).toBe(false);
    return error;
  }

  it('kills the process if it does not become healthy', async () => {
    const host = fakeHost({ fetch: async () => health({ status: 'starting' }) });
    await expectStartFailure(host, { startupTimeoutMs: 50 });
    expect(host.killProcess).toHaveBeenCalledWith(pid);
  });

  it.each([
    ['a status', async () => health({ status: 'starting' }), 'starting'],
    [
      'an error response',
      async () => health({ detail: 'the model is still loading' }, 503),
      '503: {"detail":"the model is still',
    ],
    [
      'invalid JSON',
      async () => ({ ...health(), json: () => Promise.reject(new SyntaxError('Unexpected token <')) }),
      'token <',
    ],
    ['another shape', async () => health({ fine: true }), '{"fine":true}'],
    ['no response', () => Promise.reject(new TypeError('fetch failed')), 'fetch failed'],
  ])('quotes the last response of /health: %s', async (_what, fetch, quoted) => {
    const error = await expectStartFailure(fakeHost({ fetch }), { startupTimeoutMs: 50 });
    expect(error.message).toContain('no healthy answer within 50 ms');
    expect(error.message).toContain(quoted);
  });

  it.each([
    ['never responds', () => new Promise(() => {})],
    [
      'responds once and then never',
      vi.fn(async () => health({}, 503)).mockImplementationOnce(async () => health({}, 502)),
    ],
  ])('fails within its timeout if /health %s', async (_what, fetch) => {
    // Regression: the start waited for this process, which killProcess does not end.
    const host = fakeHost({ fetch, spawnDaemon: () => ({ pid: process.pid, unref() {} }), processAlive: () => true });
    const startedAt = performance.now();
    await expectStartFailure(host, { startupTimeoutMs: 80 });
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(host.killProcess).toHaveBeenCalledWith(process.pid);
  });

  it('kills the process if the port refuses connections', async () => {
    const host = fakeHost({ fetch: () => Promise.reject(new TypeError('fetch failed')) });
    await expectStartFailure(host, { startupTimeoutMs: 50 });
    expect(host.killProcess).toHaveBeenCalledWith(pid);
  });

  it('kills the process if it reports another version', async () => {
    const body = { status: 'healthy', version: '9.9.9', features: ['core'] };
    const host = fakeHost({ fetch: async () => health(body) });
    await expectStartFailure(host, { startupTimeoutMs: 50 });
    expect(host.killProcess).toHaveBeenCalledWith(pid);
  });

  it('fails immediately if the process ends', async () => {
    const host = fakeHost({ processAlive: () => false, fetch: () => Promise.reject(new TypeError('fetch failed')) });
    // Waiting for the default timeout of a minute would exceed the timeout of the test.
    await expectStartFailure(host);
  });

  it('fails if the spawned process has no pid', async () => {
    await expectStartFailure(fakeHost({ spawnDaemon: () => ({ unref() {} }) }));
  });

  it('can be repeated', async () => {
    const fetch = vi.fn(async () => health({ status: 'starting' }));
    const host = fakeHost({ fetch });
    await expectStartFailure(host, { startupTimeoutMs: 50 });
    fetch.mockImplementation(async () => health());
    await expect(host.start()).resolves.toMatchObject({ status: 'started' });
  });

  it.each(['installRuntime', 'allocatePort', 'spawnDaemon'] as const)('rejects with the error of %s', async (place) => {
    const boom = new Error('boom');
    const host = fakeHost({
      [place]: () => {
        throw boom;
      },
    });
    const failure = (await catchFailure(() => host.start())) as Error;
    expect(failure === boom || failure.cause === boom, String(failure)).toBe(true);
    expect(existsSync(host.layout.daemonStatePath)).toBe(false);
  });

  it('kills the process and rejects with the reason when cancelled', async () => {
    const controller = new AbortController();
    const fetch = vi.fn(async () => {
      controller.abort('enough');
      return health({ status: 'starting' });
    });
    const host = fakeHost({ fetch });
    expect(await catchFailure(() => host.start({ signal: controller.signal }))).toBe('enough');
    await vi.waitFor(() => expect(host.killProcess).toHaveBeenCalledWith(pid), { timeout: 20_000 });
    expect(existsSync(host.layout.daemonStatePath)).toBe(false);
  });

  it('calls nothing if cancelled before', async () => {
    const host = fakeHost();
    expect(await catchFailure(() => host.start({ signal: AbortSignal.abort('enough') }))).toBe('enough');
    expect(host.spawnDaemon).not.toHaveBeenCalled();
  });
});

it.each([
  ['features', { features: 'core' }],
  ['spawnDaemon', { features: ['core'], spawnDaemon: 'ktx-daemon' }],
  ['startupTimeoutMs', { features: ['core'], startupTimeoutMs: 'soon' }],
])('an invalid %s is a TypeError that names it', async (name, wrong) => {
  const failure = await catchFailure(() => startManagedPythonDaemon({ ...createRuntime().options, ...wrong } as never));
  expect(failure).toBeInstanceOf(TypeError);
  expect((failure as Error).message).toContain(name);
});
