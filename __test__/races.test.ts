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
import { Place, until } from '../scripts/stress/place.mjs';
import { Worker } from '../scripts/stress/workers.mjs';
import { catchError } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { httpServer, sendJson } from './support/servers.js';

// The guarantees of docs/daemon-lifecycle.md between processes, each with its number in the name. `scripts/stress.mjs`
// repeats the races.

const features = ['core' as const];
const none = { orphans: 0, failures: 0, broken: 0, messages: [] };

/** A place with a runtime, whose processes end with the test. */
async function place() {
  const made = new Place();
  onTestFinished(async () => expect(await made.close()).toEqual([]));
  await made.install();
  made.daemon('ok');
  return made;
}

/** What a port needs to start the daemon of a place. */
function createPortOptions({ options }: Place) {
  const { io, stderr } = recordingIo();
  const own = {
    ensureRuntime: async () => ({}) as never,
    startDaemon: () => startManagedPythonDaemon({ ...options, features }),
  };
  return { port: { cliVersion: options.cliVersion, installPolicy: 'never' as const, io, ...own }, stderr };
}

const kill = async (pid: number) => {
  process.kill(pid, 'SIGKILL');
  expect(await until(() => !isRunning(pid))).toBe(true);
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
    ['guarantee 1: 8 processes that start at once get one daemon', '8 start at once', 0],
    ['guarantee 1: 32 processes that start at once get one daemon', '32 start at once', 0],
    ['guarantee 1: start, stop and force at once leave no orphan', 'start, stop and force at once', 0],
    ['guarantee 1: a starter that is killed leaves no orphan', 'starter killed (kill -9)', 6],
    ['guarantee 3: of 4 installers one works', '4 install at once', 0],
    ['guarantee 3: an installer that is killed is repaired by the next', 'installer killed (kill -9)', 6],
    ['guarantee 3: a reinstallation that is killed leaves what worked', 'reinstaller killed (kill -9)', 8],
    ['guarantee 4: a daemon killed between two calls is started again', 'daemon killed between calls', 0],
  ] as const)('%s', { timeout: 180_000 }, async (_name, fault, round) => {
    expect(await faults[fault](round)).toMatchObject(none);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 4: recovery', () => {
  it('guarantee 4: a resolver never hands out a URL that it knows to be dead', async () => {
    const here = await place();
    const { port, stderr } = createPortOptions(here);
    const resolve = createManagedPythonDaemonBaseUrlResolver(port);
    const request = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: resolve });
    const first = await resolve();
    await kill((await request('/x', {})).pid as number);
    const { pid } = await request('/x', {});
    expect(here.spawns().at(-1)).toBe(pid);
    expect(await resolve()).not.toBe(first);
    expect(stderr().match(/Started KTX Python daemon/g)).toHaveLength(2);
  });

  it('guarantee 4: a call in flight is repeated once when the daemon dies of it', async () => {
    const here = await place();
    const request = createManagedDaemonHttpJsonRunner(createPortOptions(here).port);
    const { pid } = await request('/x', {});
    await expect(request('/die', { n: 1 })).resolves.toMatchObject({ echo: { n: 1 } });
    expect(isRunning(pid as number)).toBe(false);
    expect(here.spawns()).toHaveLength(2);
  });

  it('guarantee 4: another server on the port of a dead daemon is not taken for it', async () => {
    const here = await place();
    const request = createManagedDaemonHttpJsonRunner(createPortOptions(here).port);
    const { state } = await startManagedPythonDaemon({ ...here.options, features });
    await request('/x', {});
    await kill(state.pid);
    // A process that bound the port since, of another user perhaps, must not see a request: it may hold the password
    // of a database.
    const stranger = await httpServer((_request, response) => sendJson(response, { echo: 'stolen' }), state.port);
    await expect(request('/x', { n: 2 })).resolves.toMatchObject({ echo: { n: 2 } });
    const error = await catchError(() => postManagedDaemonJson(stranger.baseUrl, '/x', {}));
    expect(error).toMatchObject({ code: 'KTX_HTTP_CONNECT', message: expect.stringContaining('the daemon has ended') });
    expect(stranger.requests).toEqual([]);
  });

  it('guarantee 4: a daemon that stopped to answer is replaced before the next call', async () => {
    const here = await place();
    const resolveBaseUrl = createManagedPythonDaemonBaseUrlResolver(createPortOptions(here).port);
    const request = createManagedDaemonHttpJsonRunner({ resolveBaseUrl });
    const impatient = createManagedDaemonHttpJsonRunner({ resolveBaseUrl, timeoutMs: 1000 });
    const { pid } = await request('/x', {});
    process.kill(pid as number, 'SIGSTOP');
    const error = await catchError(() => impatient('/x', {}));
    expect(error).toMatchObject({ code: 'KTX_HTTP_TIMEOUT', message: expect.stringContaining('1000 ms') });
    await expect(request('/x', { n: 3 })).resolves.toMatchObject({ echo: { n: 3 } });
    expect(isRunning(pid as number)).toBe(false);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 3: installing beside a daemon', () => {
  it('guarantee 3: a feature is added, and a reinstall done, while requests are answered', async () => {
    const here = await place();
    const request = createManagedDaemonHttpJsonRunner(createPortOptions(here).port);
    const { pid } = await request('/x', {});
    here.installer('slow');
    let installing = true;
    const calls = (async () => {
      for (let n = 0; installing; n += 1) expect(await request('/x', { n })).toMatchObject({ pid, echo: { n } });
    })();
    await installManagedPythonRuntime({ ...here.options, features: ['local-embeddings'] });
    await installManagedPythonRuntime({ ...here.options, features: ['local-embeddings'], force: true });
    installing = false;
    await calls;
    expect(here.spawns()).toEqual([pid]);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantees 8 and 9: several versions and roots', () => {
  it('guarantee 9: two versions of the command line live side by side', async () => {
    const here = await place();
    const older = await startManagedPythonDaemon({ ...here.options, features });
    const newer = { ...here.options, cliVersion: '2.0.0' };
    await installManagedPythonRuntime({ ...newer, features });
    const { state } = await startManagedPythonDaemon({ ...newer, features, force: true });
    const pruned = await pruneManagedPythonRuntimes(newer);
    expect(pruned).toMatchObject({ stale: [], removed: [] });
    await stopManagedPythonDaemon(newer);
    expect(isRunning(state.pid)).toBe(false);
    const again = await startManagedPythonDaemon({ ...here.options, features });
    expect(again).toMatchObject({ status: 'reused', state: { pid: older.state.pid } });
  });

  it('guarantee 8: stopping all finds the roots that were used before, and nothing else', async () => {
    const [one, other] = [await place(), await place()];
    const env = { ...other.options.env, XDG_DATA_HOME: one.options.env.XDG_DATA_HOME as string };
    const here = await startManagedPythonDaemon({ ...one.options, features });
    const there = await startManagedPythonDaemon({ ...other.options, env, features });
    const stranger = await place();
    const foreign = await startManagedPythonDaemon({ ...stranger.options, features });
    const stopped = await stopAllManagedPythonDaemons(one.options);
    expect(stopped.map(({ pid, status }) => `${status} ${pid}`).sort()).toEqual(
      [here, there].map(({ state }) => `stopped ${state.pid}`).sort(),
    );
    expect([here, there, foreign].map(({ state }) => isRunning(state.pid))).toEqual([false, false, true]);
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 10: environment', () => {
  /** Starts and stops in a process with this environment and working folder. */
  async function lifeIn(here: Place, env: NodeJS.ProcessEnv) {
    const { env: _, ...options } = here.options;
    for (const [job, status] of [
      ['start', 'started'],
      ['start', 'reused'],
      ['stop', 'stopped'],
    ] as const) {
      const worker = new Worker(job, options, { env: { ...here.options.env, ...env } });
      await worker.said();
      worker.go();
      expect(await worker.outcome()).toMatchObject({ done: { status } });
    }
  }

  it('guarantee 10: proxies, foreign Pythons and variables of other daemons have no effect', async () => {
    const nowhere = 'http://127.0.0.1:9';
    await lifeIn(await place(), {
      ...{ HTTP_PROXY: nowhere, http_proxy: nowhere, ALL_PROXY: nowhere, all_proxy: nowhere, no_proxy: 'example.com' },
      ...{ PYTHONHOME: '/absent', PYTHONPATH: '/absent', VIRTUAL_ENV: '/absent', PIP_TARGET: '/absent' },
      ...{ KTX_DAEMON_TOKEN: 'x', KTX_DAEMON_LIFE_LOCK: '/absent', KTX_DAEMON_STATE_FILE: '/absent' },
    });
  });

  it('guarantee 10: no home is needed where the root is given', async () => {
    await lifeIn(await place(), { HOME: undefined, USER: undefined });
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 6: damage', () => {
  it('guarantee 6: with anything in place of the files, the next start works', async () => {
    const here = await place();
    for (const name of ['daemon.json', 'daemon.life.json', 'daemon.stderr.log', 'daemon.lock']) {
      const path = join(here.versionDir, name);
      rmSync(path, { force: true, recursive: true });
      mkdirSync(path);
      if (name !== 'daemon.lock') writeFileSync(join(path, 'inside'), '');
      const { state } = await startManagedPythonDaemon({ ...here.options, features });
      expect(await here.orphans([state.pid])).toEqual([]);
    }
  });
});

describe.skipIf(process.platform !== 'linux')('guarantee 8: nothing grows', () => {
  it('guarantee 8: 2,000 calls and 50 restarts leave no descriptor, thread or memory', {
    timeout: 600_000,
  }, async () => {
    const here = await place();
    const options = { ...here.options, calls: 2000, restarts: 50 };
    const worker = new Worker('grow', options, { flags: ['--expose-gc'] });
    await worker.said();
    worker.go();
    const outcome = await worker.outcome();
    expect(outcome).toHaveProperty('done');
    const { done } = outcome;
    expect(done.after.descriptors).toBeLessThanOrEqual(done.before.descriptors);
    expect(done.after.threads).toBeLessThanOrEqual(done.before.threads);
    expect(done.after.mebibytes).toBeLessThanOrEqual(done.before.mebibytes + 24);
  });
});
