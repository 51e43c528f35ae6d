import { createManagedPythonDaemonBaseUrlResolver, type ManagedPythonCoreDaemonOptions } from '@kaelio/ktx';
import { describe, expect, it, type Mock, vi } from 'vitest';
import { catchFailure } from './support/failure.js';
import { recordingIo } from './support/io.js';

const baseUrl = 'http://127.0.0.1:61234';
const started = { status: 'started', layout: {}, state: {}, baseUrl };

/** Creates a resolver with mocked callbacks. */
function createResolver(overrides: { ensureRuntime?: Mock; startDaemon?: Mock } = {}) {
  const recording = recordingIo();
  const ensureRuntime: Mock = overrides.ensureRuntime ?? vi.fn(async () => ({}));
  const startDaemon: Mock = overrides.startDaemon ?? vi.fn(async () => started);
  const mocks = { ensureRuntime, startDaemon };
  const options = { cliVersion: '0.2.0', installPolicy: 'never', io: recording.io, ...mocks };
  const resolve = createManagedPythonDaemonBaseUrlResolver(options as unknown as ManagedPythonCoreDaemonOptions);
  return { ...recording, ...mocks, resolve };
}

describe('callbacks', () => {
  it('receive the same io object and exactly the documented keys', async () => {
    const { resolve, ensureRuntime, startDaemon, io } = createResolver();
    await resolve();

    const [ensured] = ensureRuntime.mock.calls[0] as unknown as [{ io: unknown }];
    expect(ensureRuntime.mock.calls[0]).toHaveLength(1);
    expect(ensured).toStrictEqual({ cliVersion: '0.2.0', installPolicy: 'never', io, feature: 'core' });
    expect(ensured.io).toBe(io);
    expect(startDaemon.mock.calls[0]).toStrictEqual([{ cliVersion: '0.2.0', features: ['core'], force: false }]);
  });

  it('are not called before the first call', () => {
    const { ensureRuntime, startDaemon, stderr } = createResolver();
    expect(ensureRuntime).not.toHaveBeenCalled();
    expect(startDaemon).not.toHaveBeenCalled();
    expect(stderr()).toBe('');
  });

  it('are called in the same tick', async () => {
    const { resolve, ensureRuntime } = createResolver();
    const pending = resolve();
    expect(ensureRuntime).toHaveBeenCalledTimes(1);
    await pending;
  });

  it('may use a class-based stream as io.stderr', async () => {
    class Stream {
      #text = '';
      write(chunk: string) {
        this.#text += chunk;
      }
      get text() {
        return this.#text;
      }
    }
    const io = { stdout: new Stream(), stderr: new Stream() };
    const resolve = createManagedPythonDaemonBaseUrlResolver({
      cliVersion: '0.2.0',
      installPolicy: 'never',
      io,
      ensureRuntime: async () => ({}) as never,
      startDaemon: async () => started as never,
    });
    await resolve();
    expect(io.stderr.text).toBe(`Started KTX Python daemon: ${baseUrl}\n`);
    expect(io.stdout.text).toBe('');
  });

  it('may return plain values', async () => {
    const { resolve } = createResolver({ ensureRuntime: vi.fn(() => ({})), startDaemon: vi.fn(() => started) });
    await expect(resolve()).resolves.toBe(baseUrl);
  });

  it('work with fake timers', async () => {
    vi.useFakeTimers();
    try {
      await expect(createResolver().resolve()).resolves.toBe(baseUrl);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('concurrent calls and failures', () => {
  it('concurrent calls wait for the same start', async () => {
    let release: (value: object) => void = () => {};
    const ensureRuntime = vi.fn(() => new Promise<object>((resolve) => (release = resolve)));
    const { resolve, startDaemon, stderr } = createResolver({ ensureRuntime });
    const calls = [resolve(), resolve(), resolve()];
    release({});

    await expect(Promise.all(calls)).resolves.toEqual([baseUrl, baseUrl, baseUrl]);
    expect(ensureRuntime).toHaveBeenCalledTimes(1);
    expect(startDaemon).toHaveBeenCalledTimes(1);
    expect(stderr().match(/Started/g)).toHaveLength(1);
  });

  it('the next call retries after a failure', async () => {
    const startDaemon = vi.fn().mockRejectedValueOnce(new Error('no room')).mockResolvedValueOnce(started);
    const { resolve, ensureRuntime } = createResolver({ startDaemon });

    await expect(resolve()).rejects.toThrow('no room');
    await expect(resolve()).resolves.toBe(baseUrl);
    expect(ensureRuntime).toHaveBeenCalledTimes(2);
    expect(startDaemon).toHaveBeenCalledTimes(2);
  });

  it('every waiting call rejects if the start fails', async () => {
    const boom = new Error('boom');
    const { resolve } = createResolver({ startDaemon: vi.fn().mockRejectedValue(boom) });
    const results = await Promise.allSettled([resolve(), resolve()]);
    expect(results).toEqual([
      { status: 'rejected', reason: boom },
      { status: 'rejected', reason: boom },
    ]);
  });

  it('no daemon is started if the runtime is unavailable', async () => {
    const { resolve, startDaemon, stderr } = createResolver({
      ensureRuntime: vi.fn().mockRejectedValue(new Error('no')),
    });
    await expect(resolve()).rejects.toThrow('no');
    expect(startDaemon).not.toHaveBeenCalled();
    expect(stderr()).toBe('');
  });

  class CustomError extends Error {}
  const thrown: unknown[] = [new Error('plain'), new CustomError('sub'), 'text', 5, null, undefined, { any: 'object' }];
  const places = ['ensureRuntime', 'startDaemon'] as const;
  const cases = places.flatMap((place) => thrown.map((value) => ({ place, value })));

  it.each(cases)('$place may throw or reject with any value: $value', async ({ place, value }) => {
    const throwing = createResolver({
      [place]: vi.fn(() => {
        throw value;
      }),
    });
    const rejecting = createResolver({ [place]: vi.fn(() => Promise.reject(value)) });
    expect(await catchFailure(() => throwing.resolve())).toBe(value);
    expect(await catchFailure(() => rejecting.resolve())).toBe(value);
  });
});

describe('arguments of the wrong type', () => {
  it.each([
    ['options', undefined],
    ['cliVersion', { cliVersion: 2, installPolicy: 'auto', io: recordingIo().io }],
    ['installPolicy', { cliVersion: '0.2.0', installPolicy: 'maybe', io: recordingIo().io }],
    ['ensureRuntime', { cliVersion: '0.2.0', installPolicy: 'auto', io: recordingIo().io, ensureRuntime: 'no' }],
  ])('cause a TypeError that names %s', async (name, options) => {
    const create = createManagedPythonDaemonBaseUrlResolver as (options: unknown) => () => Promise<string>;
    const error = await catchFailure(() => create(options)());
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(name);
  });
});
