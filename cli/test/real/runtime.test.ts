import { appendFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ktx, startDaemon, startKtx, temporaryDir } from '../support/ktx.js';

const runtimeRoot = () => process.env.KTX_RUNTIME_ROOT ?? '';

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Processes whose command line contains a folder; empty without `/proc`. */
async function findProcesses(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

describe('ktx runtime', () => {
  it('installs nothing if the runtime is installed', async () => {
    const { code, stdout } = await ktx(['runtime', 'install']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^The runtime is already installed\nVersion +\S+\nFeatures +core(, [a-z-]+)*\nPython/);
  });

  it('doctor passes every check', async () => {
    const { code, stdout } = await ktx(['runtime', 'doctor']);
    expect(stdout.match(/^PASS/gm)).toHaveLength(3);
    expect(stdout).not.toContain('FAIL');
    expect(code).toBe(0);
  });

  it('starts the daemon, reuses it, prints its state and stops it', async () => {
    await ktx(['runtime', 'stop']);
    const started = JSON.parse((await ktx(['runtime', 'start', '--json'])).stdout);
    const reused = await ktx(['runtime', 'start']);
    const status = JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout);
    expect(started.status).toBe('started');
    expect(reused.stdout).toMatch(/^The daemon is already running\n/);
    expect(reused.stdout).toContain(started.baseUrl);
    expect(status).toMatchObject({ kind: 'ready', daemon: { kind: 'running', state: { pid: started.state.pid } } });
    expect((await ktx(['runtime', 'stop'])).stdout).toBe(`Stopped the daemon (process ${started.state.pid})\n`);
    expect((await ktx(['runtime', 'stop'])).stdout).toBe('No daemon was running\n');
    expect(JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout).daemon.kind).toBe('stopped');
  });

  it('shows no token of the daemon', async () => {
    const { stdout: started } = await ktx(['runtime', 'start', '--json']);
    const { stdout: status } = await ktx(['runtime', 'status', '--json']);
    expect(`${started}${status}`).not.toMatch(/token/i);
  });

  it('stops the daemons of all versions', async () => {
    const { baseUrl } = JSON.parse((await ktx(['runtime', 'start', '--json'])).stdout);
    const { stdout, code } = await ktx(['runtime', 'stop', '--all', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).daemons).toContainEqual(expect.objectContaining({ status: 'stopped' }));
    await expect(fetch(`${baseUrl}/health`)).rejects.toThrow();
  });

  it('prunes other versions with --yes, and keeps this one', async () => {
    const old = join(runtimeRoot(), '0.0.1');
    await mkdir(old, { recursive: true });
    const refused = await ktx(['runtime', 'prune']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('Refusing to prune without --yes. Preview with: ktx runtime prune --dry-run');
    expect((await ktx(['runtime', 'prune', '--dry-run'])).stdout).toBe(`Would remove 1 runtime:\n  ${old}\n`);
    expect(await exists(old)).toBe(true);
    expect((await ktx(['runtime', 'prune', '--yes'])).stdout).toBe(`Removed 1 runtime:\n  ${old}\n`);
    expect(await exists(old)).toBe(false);
    expect(JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout).kind).toBe('ready');
  });

  it('doctor prints a fix if nothing is installed', async () => {
    const env = { KTX_RUNTIME_ROOT: await temporaryDir() };
    const { code, stdout } = await ktx(['runtime', 'doctor'], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}Managed Python runtime: .+\n {6}Fix: .*ktx runtime install/m);
  });

  it('rejects a relative KTX_RUNTIME_ROOT, and changes nothing', async () => {
    const cwd = await temporaryDir();
    const { code, stderr } = await ktx(['runtime', 'install'], { cwd, env: { KTX_RUNTIME_ROOT: 'runtime' } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: .*KTX_RUNTIME_ROOT.*\nNext: Set it to an absolute path/m);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('start --no-input does not install, and prints how to', async () => {
    const root = await temporaryDir();
    const { code, stderr } = await ktx(['runtime', 'start', '--no-input'], { env: { KTX_RUNTIME_ROOT: root } });
    expect(code).toBe(1);
    expect(stderr).toContain('KTX Python runtime is required for this command. Run: ktx runtime install --yes');
  });

  it('start without a terminal reports a required runtime, not a declined prompt', async () => {
    const root = await temporaryDir();
    const { code, stderr } = await ktx(['runtime', 'start'], { env: { KTX_RUNTIME_ROOT: root } });
    expect(code).toBe(1);
    expect(stderr).toContain('KTX Python runtime is required for this command. Run: ktx runtime install --yes');
    expect(stderr).not.toContain('cancelled');
  });

  // SIGHUP is sent when the terminal is closed; the tools have a process group of their own.
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends an installation and its tools with 130',
    async (signal) => {
      const root = await temporaryDir();
      const env = { KTX_RUNTIME_ROOT: root };
      const installation = startKtx(['runtime', 'install'], { env });
      await vi.waitUntil(() => installation.stderr() !== '', { timeout: 60_000 });
      installation.child.kill(signal);
      expect((await installation.finished).code).toBe(130);
      await vi.waitUntil(async () => (await findProcesses(root)).length === 0, { timeout: 20_000 });
      const status = JSON.parse((await ktx(['runtime', 'status', '--json'], { env })).stdout);
      expect(status.kind).not.toBe('ready');
    },
  );
});

describe('ktx runtime logs', () => {
  it('prints the log of the daemon', async () => {
    await appendFile(await startDaemon(), 'something happened\n');
    const { code, stdout } = await ktx(['runtime', 'logs']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/something happened\n$/);
  });

  it('follows until interrupted', async () => {
    const log = await startDaemon();
    await appendFile(log, 'first\n');
    const following = startKtx(['runtime', 'logs', '--follow']);
    onTestFinished(() => void following.child.kill());
    await following.waitForStdout((stdout) => stdout.endsWith('first\n'));
    await appendFile(log, 'second\n');
    await following.waitForStdout((stdout) => stdout.endsWith('second\n'));
    following.child.kill('SIGINT');
    expect((await following.finished).code).toBe(130);
  });
});
