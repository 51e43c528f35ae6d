import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  doctorManagedPythonRuntime,
  MISSING_UV_RUNTIME_INSTALL_MESSAGE,
  pruneManagedPythonRuntimes,
  readManagedPythonRuntimeStatus,
} from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { fakeUv, freshRuntime, writeAsset, writeAssetFile, writeInstalledRuntime } from './support/runtime.js';
import { temporaryFolder } from './support/temp.js';

type Runtime = ReturnType<typeof freshRuntime>;

/** An installed runtime of which something was bent afterwards, and its status. */
async function statusOf(bend: (runtime: Runtime) => void) {
  const runtime = freshRuntime();
  writeInstalledRuntime(runtime);
  bend(runtime);
  const status = await readManagedPythonRuntimeStatus(runtime.options);
  expect(status.layout).toStrictEqual(runtime.layout);
  expect(status.detail).toMatch(/\S/);
  return { ...status, runtime };
}

const rewrite = (path: string, change: (manifest: Record<string, unknown>) => void) => {
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
};

describe('the status of a runtime', () => {
  it('is ready when everything is in its place', async () => {
    const runtime = freshRuntime();
    const manifest = writeInstalledRuntime(runtime, ['core', 'local-embeddings']);
    await expect(readManagedPythonRuntimeStatus(runtime.options)).resolves.toStrictEqual({
      kind: 'ready',
      detail: expect.stringMatching(/\S/),
      layout: runtime.layout,
      manifest,
    });
  });

  it('is ready also when the manifest has keys of a later version', async () => {
    const { kind } = await statusOf(({ layout }) => {
      rewrite(layout.manifestPath, (manifest) => {
        manifest.later = { any: 'thing' };
      });
    });
    expect(kind).toBe('ready');
  });

  it('is missing when nothing is there, and reading it makes nothing', async () => {
    const { options } = freshRuntime();
    const status = await readManagedPythonRuntimeStatus(options);
    expect(status.kind).toBe('missing');
    expect(status).not.toHaveProperty('manifest');
    expect(existsSync(options.runtimeRoot)).toBe(false);
  });

  it('is missing when there is no manifest', async () => {
    expect((await statusOf(({ layout }) => rmSync(layout.manifestPath))).kind).toBe('missing');
  });

  it('is mismatched when it was installed for another version', async () => {
    const { kind, detail } = await statusOf(({ layout }) => {
      rewrite(layout.manifestPath, (manifest) => {
        manifest.cliVersion = '0.1.9';
      });
    });
    expect(kind).toBe('mismatched');
    expect(detail).toContain('0.1.9');
  });

  it('is mismatched when the bundled wheel is another', async () => {
    const { kind } = await statusOf(({ options }) => {
      writeAsset(options.assetDir, { wheel: writeAssetFile(options.assetDir, 'new.whl', 'newer') });
    });
    expect(kind).toBe('mismatched');
  });

  it.each(['pythonPath', 'daemonPath'] as const)('is broken without %s, which it names', async (key) => {
    const { kind, detail, runtime } = await statusOf(({ layout }) => rmSync(layout[key]));
    expect(kind).toBe('broken');
    expect(detail).toContain(runtime.layout[key]);
  });

  it.each([
    ['garbage', '\0\0'],
    ['cut off', '{"schemaVersion":1,'],
    ['an array', '[]'],
    ['of another shape', '{"schemaVersion":1,"features":"core"}'],
  ])('is broken when the manifest is %s, which it names', async (_why, content) => {
    const { kind, detail, runtime } = await statusOf(({ layout }) => writeFileSync(layout.manifestPath, content));
    expect(kind).toBe('broken');
    expect(detail).toContain(runtime.layout.manifestPath);
  });

  it('says that a manifest has a newer schema, and does not call it broken JSON', async () => {
    const { kind, detail } = await statusOf(({ layout }) => {
      rewrite(layout.manifestPath, (manifest) => {
        manifest.schemaVersion = 99;
        manifest.features = { another: 'shape' };
      });
    });
    expect(['mismatched', 'broken']).toContain(kind);
    expect(detail).toMatch(/newer/i);
    expect(detail).not.toMatch(/JSON/);
  });

  it('reports, and does not throw, when the folder is a file or the manifest a folder', async () => {
    const asFile = freshRuntime();
    writeFileSync(asFile.options.runtimeRoot, '');
    await expect(readManagedPythonRuntimeStatus(asFile.options)).resolves.not.toMatchObject({ kind: 'ready' });
    const { kind } = await statusOf(({ layout }) => {
      rmSync(layout.manifestPath);
      mkdirSync(layout.manifestPath);
    });
    expect(kind).not.toBe('ready');
  });
});

describe('the doctor', () => {
  const labels = { uv: 'uv', asset: 'Bundled Python wheel', runtime: 'Managed Python runtime' };

  /** The checks, after what holds for each of them. */
  async function checksOf(options: Parameters<typeof doctorManagedPythonRuntime>[0]) {
    const checks = await doctorManagedPythonRuntime(options);
    expect(checks.map(({ id, label }) => [id, label])).toEqual(Object.entries(labels));
    for (const check of checks) {
      expect(check.detail).toMatch(/\S/);
      if (check.status === 'fail') expect(check.fix).toMatch(/\S/);
    }
    return checks;
  }

  it('passes everything on a good installation', async () => {
    const runtime = freshRuntime();
    writeInstalledRuntime(runtime);
    const exec = fakeUv(runtime.layout);
    const checks = await checksOf({ ...runtime.options, exec });
    expect(checks.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass']);
    expect(checks[0]?.detail).toContain('uv 0.9.0');
    expect(exec.mock.calls.map(([command, args]) => [command, ...args])).toEqual([['uv', '--version']]);
  });

  it('says how to install a missing runtime', async () => {
    const { options, layout } = freshRuntime();
    const [, asset, runtime] = await checksOf({ ...options, exec: fakeUv(layout) });
    expect(asset?.status).toBe('pass');
    expect(runtime).toMatchObject({ status: 'fail', fix: expect.stringContaining('ktx runtime install --yes') });
  });

  it('finds a wheel with a flipped byte', async () => {
    const runtime = freshRuntime();
    writeInstalledRuntime(runtime);
    writeFileSync(runtime.wheelPath, 'NOT really a wheel');
    const [, asset] = await checksOf({ ...runtime.options, exec: fakeUv(runtime.layout) });
    expect(asset).toMatchObject({ status: 'fail', detail: expect.stringContaining(runtime.wheelPath) });
  });

  it('says that an installer is missing where there is neither uv nor Python', async () => {
    const { options } = freshRuntime();
    const [uv] = await checksOf({ ...options, env: { PATH: temporaryFolder() } });
    expect(uv?.status).toBe('fail');
  });

  it('goes on when one check cannot be made', async () => {
    const { options } = freshRuntime();
    const exec = () => Promise.reject(Object.assign(new Error('gone'), { stdout: '', stderr: '' }));
    rmSync(options.assetDir, { recursive: true });
    const checks = await checksOf({ ...options, env: { PATH: temporaryFolder() }, exec });
    expect(checks.map(({ status }) => status)).toEqual(['fail', 'fail', 'fail']);
  });
});

it('the message about a missing installer says which, how to get one, and what to run then', () => {
  expect(MISSING_UV_RUNTIME_INSTALL_MESSAGE).toMatch(/uv/);
  expect(MISSING_UV_RUNTIME_INSTALL_MESSAGE).toMatch(/install/i);
  expect(MISSING_UV_RUNTIME_INSTALL_MESSAGE).toMatch(/ktx runtime install --yes$/);
});

describe('pruning', () => {
  /** A root with three versions, a file and a stray folder's link. */
  function rootWithVersions() {
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
    const { runtimeRoot, stale, current } = rootWithVersions();
    const result = await pruneManagedPythonRuntimes({ cliVersion: '0.2.0', runtimeRoot });
    expect(result).toStrictEqual({ runtimeRoot, stale, kept: [current], removed: stale });
    expect(readdirSync(runtimeRoot)).toEqual(expect.arrayContaining(['0.2.0', 'notes.txt']));
    for (const folder of stale) expect(existsSync(folder as string)).toBe(false);
  });

  it('on a dry run removes nothing', async () => {
    const { runtimeRoot, stale, current } = rootWithVersions();
    const before = readdirSync(runtimeRoot);
    const result = await pruneManagedPythonRuntimes({ cliVersion: '0.2.0', runtimeRoot, dryRun: true });
    expect(result).toStrictEqual({ runtimeRoot, stale, kept: [current], removed: [] });
    expect(readdirSync(runtimeRoot)).toEqual(expect.arrayContaining(before));
  });

  it('of a root that is not there finds nothing and makes nothing', async () => {
    const runtimeRoot = join(temporaryFolder(), 'nowhere');
    const result = await pruneManagedPythonRuntimes({ cliVersion: '0.2.0', runtimeRoot });
    expect(result).toMatchObject({ runtimeRoot, stale: [], removed: [] });
    expect(existsSync(runtimeRoot)).toBe(false);
  });

  it('never goes through a link out of the root', async () => {
    const { runtimeRoot } = rootWithVersions();
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
  ])('without %s is a TypeError that names it', async (name, options) => {
    const call = async () => await pruneManagedPythonRuntimes(options as never);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(name);
  });
});
