import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  doctorManagedPythonRuntime,
  MISSING_UV_RUNTIME_INSTALL_MESSAGE,
  pruneManagedPythonRuntimes,
  readManagedPythonRuntimeStatus,
} from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { createRuntime, fakeUv, writeAsset, writeAssetFile, writeInstalledRuntime } from './support/runtime.js';
import { temporaryFolder } from './support/temp.js';

type Runtime = ReturnType<typeof createRuntime>;

/** Installs a runtime, modifies it, and returns its status. */
async function readStatusAfter(modify: (runtime: Runtime) => void) {
  const runtime = createRuntime();
  writeInstalledRuntime(runtime);
  modify(runtime);
  const status = await readManagedPythonRuntimeStatus(runtime.options);
  expect(status.layout).toStrictEqual(runtime.layout);
  expect(status.detail).toMatch(/\S/);
  return { ...status, runtime };
}

const editManifest = (path: string, change: (manifest: Record<string, unknown>) => void) => {
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
};

describe('the status of a runtime', () => {
  it('is ready if all files exist', async () => {
    const runtime = createRuntime();
    const manifest = writeInstalledRuntime(runtime, ['core', 'local-embeddings']);
    await expect(readManagedPythonRuntimeStatus(runtime.options)).resolves.toStrictEqual({
      kind: 'ready',
      detail: expect.stringMatching(/\S/),
      layout: runtime.layout,
      manifest,
    });
  });

  it('is ready with unknown keys in the manifest', async () => {
    const { kind } = await readStatusAfter(({ layout }) => {
      editManifest(layout.manifestPath, (manifest) => {
        manifest.later = { any: 'thing' };
      });
    });
    expect(kind).toBe('ready');
  });

  it('is missing without a root, and creates nothing', async () => {
    const { options } = createRuntime();
    const status = await readManagedPythonRuntimeStatus(options);
    expect(status.kind).toBe('missing');
    expect(status).not.toHaveProperty('manifest');
    expect(existsSync(options.runtimeRoot)).toBe(false);
  });

  it('is missing without a manifest', async () => {
    expect((await readStatusAfter(({ layout }) => rmSync(layout.manifestPath))).kind).toBe('missing');
  });

  it('is mismatched if it was installed for another version', async () => {
    const { kind, detail } = await readStatusAfter(({ layout }) => {
      editManifest(layout.manifestPath, (manifest) => {
        manifest.cliVersion = '0.1.9';
      });
    });
    expect(kind).toBe('mismatched');
    expect(detail).toContain('0.1.9');
  });

  it('is mismatched if the bundled wheel has changed', async () => {
    const { kind } = await readStatusAfter(({ options }) => {
      writeAsset(options.assetDir, { wheel: writeAssetFile(options.assetDir, 'new.whl', 'newer') });
    });
    expect(kind).toBe('mismatched');
  });

  it.each(['pythonPath', 'daemonPath'] as const)('is broken without %s, and reports its path', async (key) => {
    const { kind, detail, runtime } = await readStatusAfter(({ layout }) => rmSync(layout[key]));
    expect(kind).toBe('broken');
    expect(detail).toContain(runtime.layout[key]);
  });

  it.each([
    ['binary', '\0\0'],
    ['truncated', '{"schemaVersion":1,'],
    ['an array', '[]'],
    ['of another shape', '{"schemaVersion":1,"features":"core"}'],
  ])('is broken if the manifest is %s, and reports its path', async (_why, content) => {
    const { kind, detail, runtime } = await readStatusAfter(({ layout }) =>
      writeFileSync(layout.manifestPath, content),
    );
    expect(kind).toBe('broken');
    expect(detail).toContain(runtime.layout.manifestPath);
  });

  it('reports a newer schema of the manifest, and not invalid JSON', async () => {
    const { kind, detail } = await readStatusAfter(({ layout }) => {
      editManifest(layout.manifestPath, (manifest) => {
        manifest.schemaVersion = 99;
        manifest.features = { another: 'shape' };
      });
    });
    expect(['mismatched', 'broken']).toContain(kind);
    expect(detail).toMatch(/newer/i);
    expect(detail).not.toMatch(/JSON/);
  });

  it('does not throw if the root is a file or the manifest a folder', async () => {
    const asFile = createRuntime();
    writeFileSync(asFile.options.runtimeRoot, '');
    await expect(readManagedPythonRuntimeStatus(asFile.options)).resolves.not.toMatchObject({ kind: 'ready' });
    const { kind } = await readStatusAfter(({ layout }) => {
      rmSync(layout.manifestPath);
      mkdirSync(layout.manifestPath);
    });
    expect(kind).not.toBe('ready');
  });
});

describe('the doctor', () => {
  const labels = { uv: 'uv', asset: 'Bundled Python wheel', runtime: 'Managed Python runtime' };

  /** Runs the checks, and verifies their common properties. */
  async function runChecks(options: Parameters<typeof doctorManagedPythonRuntime>[0]) {
    const checks = await doctorManagedPythonRuntime(options);
    expect(checks.map(({ id, label }) => [id, label])).toEqual(Object.entries(labels));
    for (const check of checks) {
      expect(check.detail).toMatch(/\S/);
      if (check.status === 'fail') expect(check.fix).toMatch(/\S/);
    }
    return checks;
  }

  it('passes every check of a valid installation', async () => {
    const runtime = createRuntime();
    writeInstalledRuntime(runtime);
    const exec = fakeUv(runtime.layout);
    const checks = await runChecks({ ...runtime.options, exec });
    expect(checks.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass']);
    expect(checks[0]?.detail).toContain('uv 0.9.0');
    expect(exec.mock.calls.map(([command, args]) => [command, ...args])).toEqual([['uv', '--version']]);
  });

  it('reports how to install a missing runtime', async () => {
    const { options, layout } = createRuntime();
    const [, asset, runtime] = await runChecks({ ...options, exec: fakeUv(layout) });
    expect(asset?.status).toBe('pass');
    expect(runtime).toMatchObject({ status: 'fail', fix: expect.stringContaining('ktx runtime install --yes') });
  });

  it('detects a modified wheel', async () => {
    const runtime = createRuntime();
    writeInstalledRuntime(runtime);
    writeFileSync(runtime.wheelPath, 'NOT really a wheel');
    const [, asset] = await runChecks({ ...runtime.options, exec: fakeUv(runtime.layout) });
    expect(asset).toMatchObject({ status: 'fail', detail: expect.stringContaining(runtime.wheelPath) });
  });

  it('names the uv that will be downloaded without uv and Python', async () => {
    const { options } = createRuntime();
    const [uv] = await runChecks({ ...options, env: { PATH: temporaryFolder() } });
    expect(uv).toMatchObject({ status: 'pass', detail: expect.stringMatching(/^uv [\d.]+ will be downloaded$/) });
  });

  it('continues after a failed check', async () => {
    const { options } = createRuntime();
    const exec = () => Promise.reject(Object.assign(new Error('failed'), { stdout: '', stderr: '' }));
    rmSync(options.assetDir, { recursive: true });
    const checks = await runChecks({ ...options, env: { PATH: temporaryFolder() }, exec });
    expect(checks.map(({ status }) => status)).toEqual(['fail', 'fail', 'fail']);
  });
});

it('the message about a missing installer has the name, the installation and the next command', () => {
  expect(MISSING_UV_RUNTIME_INSTALL_MESSAGE).toMatch(/uv/);
  expect(MISSING_UV_RUNTIME_INSTALL_MESSAGE).toMatch(/install/i);
  expect(MISSING_UV_RUNTIME_INSTALL_MESSAGE).toMatch(/ktx runtime install --yes$/);
});

describe('pruning', () => {
  /** Creates a root with three versions and a file. */
  function createRoot() {
    const runtimeRoot = join(temporaryFolder(), 'runtime');
    for (const version of ['0.1.0', '0.1.1', '0.2.0']) {
      mkdirSync(join(runtimeRoot, version, '.venv'), { recursive: true });
      writeFileSync(join(runtimeRoot, version, 'manifest.json'), '{}');
    }
    writeFileSync(join(runtimeRoot, 'notes.txt'), 'mine');
    const [older, old, current] = ['0.1.0', '0.1.1', '0.2.0'].map((version) => join(runtimeRoot, version));
    return { runtimeRoot, stale: [older, old], current };
  }

  it('removes the folders of other versions, and nothing else', async () => {
    const { runtimeRoot, stale, current } = createRoot();
    const result = await pruneManagedPythonRuntimes({ cliVersion: '0.2.0', runtimeRoot });
    expect(result).toStrictEqual({ runtimeRoot, stale, kept: [current], removed: stale });
    expect(readdirSync(runtimeRoot)).toEqual(expect.arrayContaining(['0.2.0', 'notes.txt']));
    for (const folder of stale) expect(existsSync(folder as string)).toBe(false);
  });

  it('removes nothing on a dry run', async () => {
    const { runtimeRoot, stale, current } = createRoot();
    const before = readdirSync(runtimeRoot);
    const result = await pruneManagedPythonRuntimes({ cliVersion: '0.2.0', runtimeRoot, dryRun: true });
    expect(result).toStrictEqual({ runtimeRoot, stale, kept: [current], removed: [] });
    expect(readdirSync(runtimeRoot)).toEqual(expect.arrayContaining(before));
  });

  it('creates nothing if the root is missing', async () => {
    const runtimeRoot = join(temporaryFolder(), 'nowhere');
    const result = await pruneManagedPythonRuntimes({ cliVersion: '0.2.0', runtimeRoot });
    expect(result).toMatchObject({ runtimeRoot, stale: [], removed: [] });
    expect(existsSync(runtimeRoot)).toBe(false);
  });

  it('does not follow links out of the root', async () => {
    const { runtimeRoot } = createRoot();
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'precious.txt'), '');
    symlinkSync(outside, join(runtimeRoot, '0.0.9'), 'junction');
    symlinkSync(outside, join(runtimeRoot, '0.1.0', 'link'), 'junction');
    await pruneManagedPythonRuntimes({ cliVersion: '0.2.0', runtimeRoot });
    expect(existsSync(join(outside, 'precious.txt'))).toBe(true);
  });

  it.each([
    ['runtimeRoot', { cliVersion: '0.2.0' }],
    ['cliVersion', { runtimeRoot: '/nowhere' }],
  ])('rejects a missing %s with a TypeError', async (name, options) => {
    const call = async () => await pruneManagedPythonRuntimes(options as never);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(name);
  });
});
