import type { ManagedPythonRuntimeLayout } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { type KtxRuntimeArgs, type KtxRuntimeDeps, runKtxRuntime } from '../../../src/runtime/run.js';
import { makeIo } from '../../support/io.js';

const cliVersion = '0.1.0';
const layout = {
  cliVersion,
  runtimeRoot: '/runtimes',
  versionDir: '/runtimes/0.1.0',
  manifestPath: '/runtimes/0.1.0/manifest.json',
  installLogPath: '/runtimes/0.1.0/install.log',
  daemonStatePath: '/runtimes/0.1.0/daemon.json',
  daemonStderrPath: '/runtimes/0.1.0/daemon.stderr.log',
} as ManagedPythonRuntimeLayout;
const manifest = {
  cliVersion,
  features: ['core'],
  installedAt: '2026-05-11T12:00:00Z',
  python: { executable: '/venv/python', daemonExecutable: '/venv/ktx-daemon' },
  installLog: layout.installLogPath,
};

async function run(args: Partial<KtxRuntimeArgs>, deps: Record<string, unknown>) {
  const testIo = makeIo();
  const runtimeDeps = deps as Partial<KtxRuntimeDeps>;
  const code = await runKtxRuntime({ cliVersion, ...args } as KtxRuntimeArgs, testIo.io, runtimeDeps).catch((error) => {
    testIo.io.stderr.write(String(error.message));
    return 1;
  });
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr() };
}

describe('install', () => {
  it('installs the feature, with progress on stderr and the result on stdout', async () => {
    const installManagedPythonRuntime = vi.fn(async (options) => {
      options.onProgress({ phase: 'packages', message: 'Installing packages' });
      return { status: 'installed', layout, manifest };
    });
    const args = { command: 'install', feature: 'local-embeddings', force: true } as const;
    const result = await run(args, { installManagedPythonRuntime });
    expect(installManagedPythonRuntime).toHaveBeenCalledExactlyOnceWith({
      cliVersion,
      features: ['local-embeddings'],
      force: true,
      onProgress: expect.any(Function),
    });
    expect(result.stderr).toBe('Installing packages\n');
    expect(result.stdout).toBe(
      [
        'Installed the runtime',
        'Version      0.1.0',
        'Features     core',
        'Python       /venv/python',
        'Daemon       /venv/ktx-daemon',
        'Manifest     /runtimes/0.1.0/manifest.json',
        'Install log  /runtimes/0.1.0/install.log',
        '',
      ].join('\n'),
    );
  });
});

describe('doctor', () => {
  const pass = { id: 'uv', label: 'uv', status: 'pass', detail: 'uv 0.9' };
  const fail = { id: 'runtime', label: 'Managed Python runtime', status: 'fail', detail: 'missing', fix: 'Run: x' };

  it('exits with 0 if every check passes', async () => {
    const result = await run({ command: 'doctor' }, { doctorManagedPythonRuntime: async () => [pass] });
    expect(result).toMatchObject({ code: 0, stdout: 'PASS  uv: uv 0.9\n' });
  });

  it('exits with 1 and prints a fix if a check fails, also with --json', async () => {
    const deps = { doctorManagedPythonRuntime: async () => [pass, fail] };
    const text = await run({ command: 'doctor' }, deps);
    const json = await run({ command: 'doctor', json: true }, deps);
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('FAIL  Managed Python runtime: missing\n      Fix: Run: x\n');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({ ok: false, checks: [pass, fail] });
  });
});

describe('status', () => {
  it('prints the state of the runtime and of the daemon', async () => {
    const deps = {
      readManagedPythonRuntimeStatus: async () => ({ kind: 'broken', detail: 'The daemon is missing', layout }),
      readManagedPythonDaemonStatus: async () => ({ kind: 'stopped', detail: 'No daemon state at /x', layout }),
    };
    const text = await run({ command: 'status' }, deps);
    const json = await run({ command: 'status', json: true }, deps);
    expect(text.stdout).toMatch(/^Runtime +broken\n +The daemon is missing\n/);
    expect(text.stdout).toMatch(/Daemon +stopped\n +No daemon state at \/x\n$/);
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'broken',
      daemon: { kind: 'stopped', detail: 'No daemon state at /x' },
    });
  });
});

describe('stop', () => {
  it('stops the daemon of this version, or all with --all', async () => {
    const stopManagedPythonDaemon = vi.fn(async () => ({ status: 'stopped', layout, state: { pid: 7 } }));
    const stopAllManagedPythonDaemons = vi.fn(async () => [{ versionDir: '/r/0.0.9', status: 'stopped', pid: 8 }]);
    const deps = { stopManagedPythonDaemon, stopAllManagedPythonDaemons };
    expect((await run({ command: 'stop', all: false }, deps)).stdout).toBe('Stopped the daemon (process 7)\n');
    expect(stopAllManagedPythonDaemons).not.toHaveBeenCalled();
    expect((await run({ command: 'stop', all: true }, deps)).stdout).toContain('stopped  8        /r/0.0.9\n');
    expect(stopManagedPythonDaemon).toHaveBeenCalledTimes(1);
  });
});

describe('prune', () => {
  const managedPythonRuntimeLayout = () => layout;

  it('rejects a call without a flag, and removes nothing', async () => {
    const pruneManagedPythonRuntimes = vi.fn();
    const args = { command: 'prune', dryRun: false, yes: false } as const;
    const result = await run(args, { pruneManagedPythonRuntimes, managedPythonRuntimeLayout });
    expect(result.code).toBe(1);
    expect(result.stderr).toBe('Refusing to prune without --yes. Preview with: ktx runtime prune --dry-run');
    expect(pruneManagedPythonRuntimes).not.toHaveBeenCalled();
  });

  it.each([
    { dryRun: true, yes: false, text: 'Would remove 1 runtime:\n  /runtimes/0.0.9\n' },
    { dryRun: true, yes: true, text: 'Would remove 1 runtime:\n  /runtimes/0.0.9\n' },
    { dryRun: false, yes: true, text: 'Removed 1 runtime:\n  /runtimes/0.0.9\n' },
  ])('removes nothing on a dry run: %j', async ({ dryRun, yes, text }) => {
    const stale = ['/runtimes/0.0.9'];
    const pruneManagedPythonRuntimes = vi.fn(async (options: { dryRun: boolean }) => ({
      runtimeRoot: '/runtimes',
      stale,
      kept: [],
      removed: options.dryRun ? [] : stale,
    }));
    const deps = { pruneManagedPythonRuntimes, managedPythonRuntimeLayout };
    expect((await run({ command: 'prune', dryRun, yes }, deps)).stdout).toBe(text);
    expect(pruneManagedPythonRuntimes).toHaveBeenCalledExactlyOnceWith({
      cliVersion,
      runtimeRoot: '/runtimes',
      dryRun,
    });
  });
});
