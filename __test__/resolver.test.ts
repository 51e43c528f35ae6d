import { createManagedPythonDaemonBaseUrlResolver, type ManagedPythonCoreDaemonOptions } from '@kaelio/ktx';
import { describe, expect, it, type Mock, vi } from 'vitest';
import { failureOf } from './support/failure.js';
import { recordingIo } from './support/io.js';

const baseUrl = 'http://127.0.0.1:61234';
const started = { status: 'started', layout: {}, state: {}, baseUrl };

/** A resolver on mocks, each of which may be replaced. */
function resolverWith(replaced: { ensureRuntime?: Mock; startDaemon?: Mock } = {}) {
  const recording = recordingIo();
  const ensureRuntime: Mock = replaced.ensureRuntime ?? vi.fn(async () => ({}));
  const startDaemon: Mock = replaced.startDaemon ?? vi.fn(async () => started);
  const mocks = { ensureRuntime, startDaemon };
  const options = { cliVersion: '0.2.0', installPolicy: 'never', io: recording.io, ...mocks };
  const resolve = createManagedPythonDaemonBaseUrlResolver(options as unknown as ManagedPythonCoreDaemonOptions);
  return { ...recording, ...mocks, resolve };
}

describe('what the callbacks receive', () => {
  it('hands on the very io object and exactly the named keys', async () => {
    const { resolve, ensureRuntime, startDaemon, io } = resolverWith();
    await resolve();

    const [ensured] = ensureRuntime.mock.calls[0] as unknown as [{ io: unknown }];
    expect(ensureRuntime.mock.calls[0]).toHaveLength(1);
    expect(ensured).toStrictEqual({ cliVersion: '0.2.0', installPolicy: 'never', io, feature: 'core' });
    expect(ensured.io).toBe(io);
    expect(startDaemon.mock.calls[0]).toStrictEqual([{ cliVersion: '0.2.0', features: ['core'], force: false }]);
  });

  it('does nothing before the first call', () => {
    const { ensureRuntime, startDaemon, stderr } = resolverWith();
    expect(ensureRuntime).not.toHaveBeenCalled();
    expect(startDaemon).not.toHaveBeenCalled();
    expect(stderr()).toBe('');
  });

  it('calls the first callback in the same tick', async () => {
    const { resolve, ensureRuntime } = resolverWith();
    const pending = resolve();
    expect(ensureRuntime).toHaveBeenCalledTimes(1);
    await pending;
  });

  it('writes to io.stderr as a method, so that a class-based stream works', async () => {
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

  it('accepts callbacks that return plain values', async () => {
    const { resolve } = resolverWith({ ensureRuntime: vi.fn(() => ({})), startDaemon: vi.fn(() => started) });
    await expect(resolve()).resolves.toBe(baseUrl);
  });

  it('works under fake timers', async () => {
    vi.useFakeTimers();
    try {
      await expect(resolverWith().resolve()).resolves.toBe(baseUrl);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('concurrent calls and failures', () => {
  it('lets calls that are made meanwhile wait for the same start', async () => {
    let release: (value: object) => void = () => {};
    const ensureRuntime = vi.fn(() => new Promise<object>((resolve) => (release = resolve)));
    const { resolve, startDaemon, stderr } = resolverWith({ ensureRuntime });
    const calls = [resolve(), resolve(), resolve()];
    release({});

    await expect(Promise.all(calls)).resolves.toEqual([baseUrl, baseUrl, baseUrl]);
    expect(ensureRuntime).toHaveBeenCalledTimes(1);
    expect(startDaemon).toHaveBeenCalledTimes(1);
    expect(stderr().match(/Started/g)).toHaveLength(1);
  });

  it('does not remember a failure', async () => {
    const startDaemon = vi.fn().mockRejectedValueOnce(new Error('no room')).mockResolvedValueOnce(started);
    const { resolve, ensureRuntime } = resolverWith({ startDaemon });

    await expect(resolve()).rejects.toThrow('no room');
    await expect(resolve()).resolves.toBe(baseUrl);
    expect(ensureRuntime).toHaveBeenCalledTimes(2);
    expect(startDaemon).toHaveBeenCalledTimes(2);
  });

  it('fails every call that waited for the start that failed', async () => {
    const boom = new Error('boom');
    const { resolve } = resolverWith({ startDaemon: vi.fn().mockRejectedValue(boom) });
    const results = await Promise.allSettled([resolve(), resolve()]);
    expect(results).toEqual([
      { status: 'rejected', reason: boom },
      { status: 'rejected', reason: boom },
    ]);
  });

  it('starts no daemon when the runtime cannot be had', async () => {
    const { resolve, startDaemon, stderr } = resolverWith({
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

  it.each(cases)('hands back what $place throws or rejects with: $value', async ({ place, value }) => {
    const throwing = resolverWith({
      [place]: vi.fn(() => {
        throw value;
      }),
    });
    const rejecting = resolverWith({ [place]: vi.fn(() => Promise.reject(value)) });
    expect(await failureOf(() => throwing.resolve())).toBe(value);
    expect(await failureOf(() => rejecting.resolve())).toBe(value);
  });
});

describe('arguments of the wrong type', () => {
  it.each([
    ['options', undefined],
    ['cliVersion', { cliVersion: 2, installPolicy: 'auto', io: recordingIo().io }],
    ['installPolicy', { cliVersion: '0.2.0', installPolicy: 'maybe', io: recordingIo().io }],
    ['ensureRuntime', { cliVersion: '0.2.0', installPolicy: 'auto', io: recordingIo().io, ensureRuntime: 'no' }],
  ])('names %s in a TypeError', async (name, options) => {
    const create = createManagedPythonDaemonBaseUrlResolver as (options: unknown) => () => Promise<string>;
    const error = await failureOf(() => create(options)());
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(name);
  });
});
