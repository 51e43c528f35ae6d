import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createManagedDaemonHttpJsonRunner,
  postManagedDaemonJson,
  pruneManagedPythonRuntimes,
  readManagedPythonDaemonStatus,
  stopAllManagedPythonDaemons,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { isAlive, runNode, startUnrelatedProcess } from './support/child.js';
import { catchError, catchFailure } from './support/failure.js';
import { createRuntimeWithFakeDaemon, type FakeDaemonMode } from './support/fake-daemon.js';
import { recordingIo } from './support/io.js';

// Real processes: no callbacks are injected, only the executable of the daemon is fake.

type Runtime = ReturnType<typeof createRuntimeWithFakeDaemon>;

/** Source of a process that starts the daemon of a runtime and prints the result. */
const starterSource = ({ options }: Runtime) => `
  import { startManagedPythonDaemon } from '@kaelio/ktx';
  const options = ${JSON.stringify({ ...options, features: ['core'] })};
  const { status, state, baseUrl } = await startManagedPythonDaemon(options);
  console.log(JSON.stringify({ status, pid: state.pid, baseUrl }));`;

/** Starts the daemon in another process, and waits for its end. */
async function startInOtherProcess(runtime: Runtime): Promise<{ status: string; pid: number; baseUrl: string }> {
  const { code, stdout, stderr } = await runNode(starterSource(runtime));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const waitForExit = (pid: number) => vi.waitUntil(() => !isAlive(pid), { timeout: 20_000 });

describe.skipIf(process.platform === 'win32')('a daemon as a real process', () => {
  it('is started, probed, reused and stopped', async () => {
    const runtime = createRuntimeWithFakeDaemon('ok');
    const { options, layout, start, spawned } = runtime;
    const started = await start();
    expect(started).toMatchObject({
      status: 'started',
      layout,
      baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+/),
    });
    expect(spawned().map(({ pid }) => pid)).toEqual([started.state.pid]);
    expect(statSync(layout.daemonStatePath).mode & 0o777).toBe(0o600);
    await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({
      kind: 'running',
      detail: `Daemon running at ${started.baseUrl}`,
      state: { pid: started.state.pid },
    });
    await expect(start()).resolves.toMatchObject({ status: 'reused', state: { pid: started.state.pid } });

    await expect(stopManagedPythonDaemon(options)).resolves.toMatchObject({ status: 'stopped' });
    expect(isAlive(started.state.pid)).toBe(false);
    expect(existsSync(layout.daemonStatePath)).toBe(false);
    await expect(stopManagedPythonDaemon(options)).resolves.toMatchObject({ status: 'already-stopped' });
    expect(spawned()).toHaveLength(1);
  });

  it('is launched according to the protocol, with its token in no argument and no log', async () => {
    const { start, spawned, layout } = createRuntimeWithFakeDaemon('ok');
    const { state } = await start();
    const [{ args, env }] = spawned() as [ReturnType<typeof spawned>[number]];
    expect(args).toEqual(['serve-http', '--host', '127.0.0.1', '--port', String(state.port)]);
    expect(env).toMatchObject({ KTX_DAEMON_VERSION: '0.2.0' });
    const token = env.KTX_DAEMON_TOKEN as string;
    expect(token).toMatch(/^\S{16,}$/);
    expect(env.KTX_DAEMON_INSTANCE).toMatch(/^\S{8,}$/);
    const logs = [layout.daemonStdoutPath, layout.daemonStderrPath].filter(existsSync);
    for (const log of logs) expect(readFileSync(log, 'utf8')).not.toContain(token);
    expect(JSON.stringify(state)).not.toContain(token);
  });

  it('answers requests with its token, and rejects others', async () => {
    const { start } = createRuntimeWithFakeDaemon('ok');
    const { baseUrl, state } = await start();
    await expect(postManagedDaemonJson(baseUrl, '/sql/x', { a: 1 })).resolves.toMatchObject({
      path: '/sql/x',
      body: { a: 1 },
    });
    const response = await fetch(`http://127.0.0.1:${state.port}/sql/x`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
  });

  it('survives the process that started it, which exits', async () => {
    const runtime = createRuntimeWithFakeDaemon('ok');
    const { status, pid } = await startInOtherProcess(runtime);
    expect(status).toBe('started');
    expect(isAlive(pid)).toBe(true);
    const here = await runtime.start();
    expect(here).toMatchObject({ status: 'reused', state: { pid } });
    await expect(postManagedDaemonJson(here.baseUrl, '/x', {})).resolves.toMatchObject({ pid });
    await stopManagedPythonDaemon(runtime.options);
    await waitForExit(pid);
  });

  it('is started once by concurrent processes', async () => {
    const runtime = createRuntimeWithFakeDaemon('slow');
    const starters = Array.from({ length: 4 }, () => startInOtherProcess(runtime));
    const here = [runtime.start(), runtime.start()];
    await vi.waitUntil(() => runtime.spawned().length > 0, { timeout: 20_000 });
    runtime.go();
    const results = [
      ...(await Promise.all(starters)),
      ...(await Promise.all(here)).map(({ status, state }) => ({ status, pid: state.pid })),
    ];
    expect(new Set(results.map(({ pid }) => pid)).size).toBe(1);
    expect(results.filter(({ status }) => status === 'started')).toHaveLength(1);
    expect(runtime.spawned()).toHaveLength(1);
  });

  it('is replaced when forced', async () => {
    const { start, alive } = createRuntimeWithFakeDaemon('ok');
    const first = await start();
    const second = await start({ force: true });
    expect(second.status).toBe('started');
    expect(alive().map(({ pid }) => pid)).toEqual([second.state.pid]);
    expect(second.state.pid).not.toBe(first.state.pid);
  });

  it('is reported as stale after a kill, and started again', async () => {
    const { start, options, alive } = createRuntimeWithFakeDaemon('ok');
    const { state } = await start();
    process.kill(state.pid, 'SIGKILL');
    await waitForExit(state.pid);
    await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({
      kind: 'stale',
      detail: `Daemon process ${state.pid} is not running`,
    });
    const again = await start();
    expect(again.status).toBe('started');
    expect(alive().map(({ pid }) => pid)).toEqual([again.state.pid]);
  });

  it('is started again for a request after a kill', async () => {
    const { start, alive } = createRuntimeWithFakeDaemon('ok');
    const { io, stderr } = recordingIo();
    const request = createManagedDaemonHttpJsonRunner({
      cliVersion: '0.2.0',
      installPolicy: 'never',
      io,
      ensureRuntime: async () => ({}) as never,
      startDaemon: () => start(),
    });
    const { pid } = await request('/x', {});
    process.kill(pid as number, 'SIGKILL');
    await waitForExit(pid as number);
    const second = await request('/x', { n: 2 });
    expect(second).toMatchObject({ path: '/x', body: { n: 2 } });
    expect(alive().map((each) => each.pid)).toEqual([second.pid]);
    expect(stderr().match(/Started KTX Python daemon/g)).toHaveLength(2);
  });

  it('leaks no descriptor in its parent', async () => {
    const { start, options } = createRuntimeWithFakeDaemon('ok');
    const cycle = async () => {
      await start();
      await stopManagedPythonDaemon(options);
    };
    await cycle();
    const before = openDescriptors();
    for (let n = 0; n < 3; n += 1) await cycle();
    await vi.waitFor(() => expect(openDescriptors()).toBeLessThanOrEqual(before), { timeout: 10_000 });
  });
});

describe.skipIf(process.platform === 'win32')('a daemon that fails to start', () => {
  /** Starts in this mode, checks the common properties of the failure, and returns the error. */
  async function expectStartFailure(mode: FakeDaemonMode, startupTimeoutMs: number) {
    const runtime = createRuntimeWithFakeDaemon(mode);
    const error = await catchError(() => runtime.start({ startupTimeoutMs }));
    expect(error.code).toBe('KTX_DAEMON_START_FAILED');
    expect(error.message).toMatch(/^KTX Python daemon failed to start: \S/);
    expect(error.message).toContain(`stderr: ${runtime.layout.daemonStderrPath}`);
    expect(runtime.alive()).toEqual([]);
    expect(existsSync(runtime.layout.daemonStatePath)).toBe(false);
    return { ...runtime, error };
  }

  it('exits: the error quotes its stderr immediately', async () => {
    const { error, layout, start, setMode } = await expectStartFailure('exits', 3_600_000);
    expect(error.message).toContain('boom: Grüße from a daemon that cannot start');
    expect(readFileSync(layout.daemonStderrPath, 'utf8')).toContain('boom: Grüße');
    setMode('ok');
    await expect(start()).resolves.toMatchObject({ status: 'started' });
  });

  it('hangs: it is ended, and the error has the timeout', async () => {
    const { error } = await expectStartFailure('hangs', 1500);
    expect(error.message).toMatch(/1\.5 ?s|1500 ?ms/);
  });

  it.each(['wrong-version', 'wrong-instance', 'invalid-json'] as const)('reports %s: it is ended', async (mode) => {
    await expectStartFailure(mode, 3000);
  });

  it('is not executable', async () => {
    const runtime = createRuntimeWithFakeDaemon('ok');
    writeFileSync(runtime.layout.daemonPath, '\0\0\0\0');
    const error = await catchError(() => runtime.start());
    expect(error.code).toBe('KTX_DAEMON_START_FAILED');
    expect(existsSync(runtime.layout.daemonStatePath)).toBe(false);
  });

  it('is cancelled: it is ended, and the call rejects with the reason', async () => {
    const runtime = createRuntimeWithFakeDaemon('slow');
    const controller = new AbortController();
    const failed = catchFailure(() => runtime.start({ signal: controller.signal }));
    await vi.waitUntil(() => runtime.spawned().length > 0, { timeout: 20_000 });
    controller.abort('enough');
    expect(await failed).toBe('enough');
    await vi.waitUntil(() => runtime.alive().length === 0, { timeout: 20_000 });
    expect(existsSync(runtime.layout.daemonStatePath)).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('stopping', () => {
  it('kills a daemon that ignores the shutdown request', async () => {
    const { start, options, alive } = createRuntimeWithFakeDaemon('ignores-stop');
    await start();
    await expect(stopManagedPythonDaemon(options)).resolves.toMatchObject({ status: 'stopped' });
    expect(alive()).toEqual([]);
  });

  it('does not signal a process that reuses the pid', async () => {
    const { start, options, layout } = createRuntimeWithFakeDaemon('ok');
    const { state } = await start();
    process.kill(state.pid, 'SIGKILL');
    await waitForExit(state.pid);
    const unrelated = await startUnrelatedProcess();
    const text = readFileSync(layout.daemonStatePath, 'utf8');
    writeFileSync(layout.daemonStatePath, JSON.stringify({ ...JSON.parse(text), pid: unrelated.pid }));

    await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({ kind: 'stale' });
    await expect(stopManagedPythonDaemon(options)).resolves.toMatchObject({ status: 'already-stopped' });
    expect(isAlive(unrelated.pid)).toBe(true);
    expect(existsSync(layout.daemonStatePath)).toBe(false);
  });

  it('does not signal the process of a foreign state file', async () => {
    const { start, options, layout } = createRuntimeWithFakeDaemon('ok');
    const unrelated = await startUnrelatedProcess();
    const foreign = { schemaVersion: 1, pid: unrelated.pid, host: '127.0.0.1', port: 9, version: '0.2.0' };
    const rest = { features: ['core'], startedAt: new Date(0).toISOString(), stdoutLog: '', stderrLog: '' };
    writeFileSync(layout.daemonStatePath, JSON.stringify({ ...foreign, ...rest }));
    await expect(start()).resolves.toMatchObject({ status: 'started' });
    await stopManagedPythonDaemon(options);
    expect(isAlive(unrelated.pid)).toBe(true);
  });

  it('all daemons stops those of every version below the root', async () => {
    const older = createRuntimeWithFakeDaemon('ok');
    const { state: first } = await older.start();
    const runtimeRoot = older.options.runtimeRoot;
    const results = await stopAllManagedPythonDaemons({ cliVersion: '9.0.0', runtimeRoot });
    expect(results).toEqual([{ versionDir: join(runtimeRoot, '0.2.0'), status: 'stopped', pid: first.pid }]);
    expect(older.alive()).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('pruning with a running daemon', () => {
  it('keeps the folder of the daemon until it is stopped', async () => {
    const { start, options } = createRuntimeWithFakeDaemon('ok');
    await start();
    const { runtimeRoot } = options;
    const folder = join(runtimeRoot, '0.2.0');
    const first = await pruneManagedPythonRuntimes({ cliVersion: '9.0.0', runtimeRoot });
    expect(first).toStrictEqual({ runtimeRoot, stale: [], kept: [folder], removed: [] });
    expect(existsSync(join(folder, 'manifest.json'))).toBe(true);
    await stopManagedPythonDaemon(options);
    const second = await pruneManagedPythonRuntimes({ cliVersion: '9.0.0', runtimeRoot });
    expect(second).toStrictEqual({ runtimeRoot, stale: [folder], kept: [], removed: [folder] });
  });
});

/** Number of open descriptors of this process on Linux, else 0. */
function openDescriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}
