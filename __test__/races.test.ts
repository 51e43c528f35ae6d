import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createManagedDaemonHttpJsonRunner,
  createManagedPythonDaemonBaseUrlResolver,
  installManagedPythonRuntime,
  postManagedDaemonJson,
  pruneManagedPythonRuntimes,
  startManagedPythonDaemon,
  stopAllManagedPythonDaemons,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { describe, expect, it, onTestFinished } from 'vitest';
import { faults } from '../scripts/stress/faults.mjs';
import { RaceRuntime, waitUntil } from '../scripts/stress/runtime.mjs';
import { Worker } from '../scripts/stress/workers.mjs';
import { catchError } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { httpServer, sendJson } from './support/servers.js';

// Guarantees of docs/daemon-lifecycle.md between processes, with their number in the name. `scripts/stress.mjs` repeats
// the races.

const features = ['core' as const];
const noFaults = { orphans: 0, failures: 0, broken: 0, messages: [] };

/** Installs a runtime with fakes; its processes end with the test. */
async function createRaceRuntime() {
  const runtime = new RaceRuntime();
  onTestFinished(async () => expect(await runtime.close()).toEqual([]));
  await runtime.install();
  runtime.setDaemonMode('ok');
  return runtime;
}

/** Options of a port that starts the daemon of the runtime. */
function createPortOptions({ options }: RaceRuntime) {
  const { io, stderr } = recordingIo();
  const callbacks = {
    ensureRuntime: async () => ({}) as never,
    startDaemon: () => startManagedPythonDaemon({ ...options, features }),
  };
  return { port: { cliVersion: options.cliVersion, installPolicy: 'never' as const, io, ...callbacks }, stderr };
}

const kill = async (pid: number) => {
  process.kill(pid, 'SIGKILL');
  expect(await waitUntil(() => !isRunning(pid))).toBe(true);
};

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== 'linux')('races', () => {
  it.each([
    ['guarantee 1: 8 processes that start at once get one daemon', '8 concurrent starts', 0],
    ['guarantee 1: 32 processes that start at once get one daemon', '32 concurrent starts', 0],
    ['guarantee 1: concurrent start, stop and force leave no orphan', 'concurrent start, stop and force', 0],
    ['guarantee 1: a killed starter leaves no orphan', 'start killed (kill -9)', 6],
    ['guarantee 3: of 4 concurrent installers one installs', '4 concurrent installations', 0],
    ['guarantee 3: a killed installation is repaired by the next', 'installation killed (kill -9)', 6],
    ['guarantee 3: a killed reinstallation leaves the previous runtime usable', 'reinstallation killed (kill -9)', 8],
    ['guarantee 4: a daemon killed between two calls is started again', 'daemon killed between calls', 0],
  ] as const)('%s', { timeout: 180_000 }, async (_name, fault, round) => {
    expect(await faults[fault](round)).toMatchObject(noFaults);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 4: recovery', () => {
  it('guarantee 4: a resolver does not return the URL of an ended daemon', async () => {
    const runtime = await createRaceRuntime();
    const { port, stderr } = createPortOptions(runtime);
    const resolve = createManagedPythonDaemonBaseUrlResolver(port);
    const request = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: resolve });
    const first = await resolve();
    await kill((await request('/x', {})).pid as number);
    const { pid } = await request('/x', {});
    expect(runtime.spawns().at(-1)).toBe(pid);
    expect(await resolve()).not.toBe(first);
    expect(stderr().match(/Started KTX Python daemon/g)).toHaveLength(2);
  });

  it('guarantee 4: a call in flight is retried once when the daemon crashes', async () => {
    const runtime = await createRaceRuntime();
    const request = createManagedDaemonHttpJsonRunner(createPortOptions(runtime).port);
    const { pid } = await request('/x', {});
    await expect(request('/die', { n: 1 })).resolves.toMatchObject({ echo: { n: 1 } });
    expect(isRunning(pid as number)).toBe(false);
    expect(runtime.spawns()).toHaveLength(2);
  });

  it('guarantee 4: another server on the port of an ended daemon receives no request', async () => {
    const runtime = await createRaceRuntime();
    const request = createManagedDaemonHttpJsonRunner(createPortOptions(runtime).port);
    const { state } = await startManagedPythonDaemon({ ...runtime.options, features });
    await request('/x', {});
    await kill(state.pid);
    // A process of another user may have bound the port since: a request could contain the password of a database.
    const foreignServer = await httpServer((_request, response) => sendJson(response, { echo: 'stolen' }), state.port);
    await expect(request('/x', { n: 2 })).resolves.toMatchObject({ echo: { n: 2 } });
    const error = await catchError(() => postManagedDaemonJson(foreignServer.baseUrl, '/x', {}));
    expect(error).toMatchObject({ code: 'KTX_HTTP_CONNECT', message: expect.stringContaining('the daemon has ended') });
    expect(foreignServer.requests).toEqual([]);
  });

  it('guarantee 4: a daemon that does not respond is replaced before the next call', async () => {
    const runtime = await createRaceRuntime();
    const resolveBaseUrl = createManagedPythonDaemonBaseUrlResolver(createPortOptions(runtime).port);
    const request = createManagedDaemonHttpJsonRunner({ resolveBaseUrl });
    const requestWithTimeout = createManagedDaemonHttpJsonRunner({ resolveBaseUrl, timeoutMs: 1000 });
    const { pid } = await request('/x', {});
    process.kill(pid as number, 'SIGSTOP');
    const error = await catchError(() => requestWithTimeout('/x', {}));
    expect(error).toMatchObject({ code: 'KTX_HTTP_TIMEOUT', message: expect.stringContaining('1000 ms') });
    await expect(request('/x', { n: 3 })).resolves.toMatchObject({ echo: { n: 3 } });
    expect(isRunning(pid as number)).toBe(false);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 3: installing with a running daemon', () => {
  it('guarantee 3: requests are answered during the installation of a feature and a reinstallation', async () => {
    const runtime = await createRaceRuntime();
    const request = createManagedDaemonHttpJsonRunner(createPortOptions(runtime).port);
    const { pid } = await request('/x', {});
    runtime.setInstallerMode('slow');
    let installing = true;
    const calls = (async () => {
      for (let n = 0; installing; n += 1) expect(await request('/x', { n })).toMatchObject({ pid, echo: { n } });
    })();
    await installManagedPythonRuntime({ ...runtime.options, features: ['local-embeddings'] });
    await installManagedPythonRuntime({ ...runtime.options, features: ['local-embeddings'], force: true });
    installing = false;
    await calls;
    expect(runtime.spawns()).toEqual([pid]);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantees 8 and 9: several versions and roots', () => {
  it('guarantee 9: two versions of the command line live side by side', async () => {
    const runtime = await createRaceRuntime();
    const older = await startManagedPythonDaemon({ ...runtime.options, features });
    const newer = { ...runtime.options, cliVersion: '2.0.0' };
    await installManagedPythonRuntime({ ...newer, features });
    const { state } = await startManagedPythonDaemon({ ...newer, features, force: true });
    const pruned = await pruneManagedPythonRuntimes(newer);
    expect(pruned).toMatchObject({ stale: [], removed: [] });
    await stopManagedPythonDaemon(newer);
    expect(isRunning(state.pid)).toBe(false);
    const again = await startManagedPythonDaemon({ ...runtime.options, features });
    expect(again).toMatchObject({ status: 'reused', state: { pid: older.state.pid } });
  });

  it('guarantee 8: stopping all finds the roots that were used before, and nothing else', async () => {
    const [one, other] = [await createRaceRuntime(), await createRaceRuntime()];
    const env = { ...other.options.env, XDG_DATA_HOME: one.options.env.XDG_DATA_HOME as string };
    const here = await startManagedPythonDaemon({ ...one.options, features });
    const there = await startManagedPythonDaemon({ ...other.options, env, features });
    const unrelated = await createRaceRuntime();
    const foreign = await startManagedPythonDaemon({ ...unrelated.options, features });
    const stopped = await stopAllManagedPythonDaemons(one.options);
    expect(stopped.map(({ pid, status }) => `${status} ${pid}`).sort()).toEqual(
      [here, there].map(({ state }) => `stopped ${state.pid}`).sort(),
    );
    expect([here, there, foreign].map(({ state }) => isRunning(state.pid))).toEqual([false, false, true]);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 10: environment', () => {
  /** Starts, reuses and stops the daemon in processes with this environment. */
  async function startAndStop(runtime: RaceRuntime, env: NodeJS.ProcessEnv) {
    const { env: _, ...options } = runtime.options;
    for (const [job, status] of [
      ['start', 'started'],
      ['start', 'reused'],
      ['stop', 'stopped'],
    ] as const) {
      const worker = new Worker(job, options, { env: { ...runtime.options.env, ...env } });
      await worker.nextMessage();
      worker.release();
      expect(await worker.outcome()).toMatchObject({ done: { status } });
    }
  }

  it('guarantee 10: proxies, foreign Pythons and variables of other daemons have no effect', async () => {
    const unreachable = 'http://127.0.0.1:9';
    await startAndStop(await createRaceRuntime(), {
      ...{
        HTTP_PROXY: unreachable,
        http_proxy: unreachable,
        ALL_PROXY: unreachable,
        all_proxy: unreachable,
        no_proxy: 'example.com',
      },
      ...{ PYTHONHOME: '/absent', PYTHONPATH: '/absent', VIRTUAL_ENV: '/absent', PIP_TARGET: '/absent' },
      ...{ KTX_DAEMON_TOKEN: 'x', KTX_DAEMON_LIFE_LOCK: '/absent', KTX_DAEMON_STATE_FILE: '/absent' },
    });
  });

  it('guarantee 10: no home is needed if the root is set', async () => {
    await startAndStop(await createRaceRuntime(), { HOME: undefined, USER: undefined });
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 6: damage', () => {
  it('guarantee 6: with anything in place of the files, the next start works', async () => {
    const runtime = await createRaceRuntime();
    for (const name of ['daemon.json', 'daemon.life.json', 'daemon.stderr.log', 'daemon.lock']) {
      const path = join(runtime.versionDir, name);
      rmSync(path, { force: true, recursive: true });
      mkdirSync(path);
      if (name !== 'daemon.lock') writeFileSync(join(path, 'inside'), '');
      const { state } = await startManagedPythonDaemon({ ...runtime.options, features });
      expect(await runtime.orphans([state.pid])).toEqual([]);
    }
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 8: nothing grows', () => {
  it('guarantee 8: 2,000 calls and 50 restarts leave no descriptor, thread or memory', {
    timeout: 600_000,
  }, async () => {
    const runtime = await createRaceRuntime();
    const options = { ...runtime.options, calls: 2000, restarts: 50 };
    const worker = new Worker('grow', options, { flags: ['--expose-gc'] });
    await worker.nextMessage();
    worker.release();
    const outcome = await worker.outcome();
    expect(outcome).toHaveProperty('done');
    const { done } = outcome;
    expect(done.after.descriptors).toBeLessThanOrEqual(done.before.descriptors);
    expect(done.after.threads).toBeLessThanOrEqual(done.before.threads);
    expect(done.after.mebibytes).toBeLessThanOrEqual(done.before.mebibytes + 24);
  });
});
