import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import {
  installManagedPythonRuntime,
  type KtxRuntimeFeature,
  type RuntimeExec,
  type RuntimeInstallProgress,
  readManagedPythonRuntimeStatus,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { errorOf, failureOf } from './support/failure.js';
import {
  commandsOf,
  fakeUv,
  freshRuntime,
  writeAsset,
  writeAssetFile,
  writeInstalledRuntime,
} from './support/runtime.js';

const core: KtxRuntimeFeature[] = ['core'];

/** What Node's `execFile` rejects with. */
const toolError = (stderr: string, stdout = '') => Object.assign(new Error('Command failed'), { stdout, stderr });

describe('a first installation', () => {
  it('runs exactly three commands of uv', async () => {
    const { options, layout, asset, wheelPath } = freshRuntime();
    const exec = fakeUv(layout);
    const result = await installManagedPythonRuntime({ ...options, features: core, exec });

    expect(commandsOf(exec)).toEqual([
      ['uv', '--version'],
      ['uv', 'venv', layout.venvDir],
      ['uv', 'pip', 'install', '--python', layout.pythonPath, wheelPath],
    ]);
    expect(result).toMatchObject({ status: 'installed', layout, asset: { manifest: asset, wheelPath } });
  });

  it('leaves a manifest that says what was installed', async () => {
    const { options, layout, asset } = freshRuntime();
    const { manifest } = await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) });
    expect(manifest).toEqual({
      schemaVersion: 1,
      cliVersion: '0.2.0',
      installedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
      asset,
      features: ['core'],
      python: { executable: layout.pythonPath, daemonExecutable: layout.daemonPath },
      installLog: layout.installLogPath,
    });
    expect(JSON.parse(readFileSync(layout.manifestPath, 'utf8'))).toMatchObject(manifest);
  });

  it('leaves a log with each command and its output under it', async () => {
    const { options, layout, wheelPath } = freshRuntime();
    await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) });
    const log = readFileSync(layout.installLogPath, 'utf8');
    const order = [
      '$ uv --version',
      'uv 0.9.0',
      `$ uv venv ${layout.venvDir}`,
      'did venv',
      `$ uv pip install --python ${layout.pythonPath} ${wheelPath}`,
      'did pip',
    ].map((text) => log.indexOf(text));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((left, right) => left - right));
  });

  it.each([
    [['local-embeddings']],
    [['local-embeddings', 'core']],
    [['core', 'local-embeddings', 'local-embeddings']],
  ] as [KtxRuntimeFeature[]][])('of %j installs the extra and lists core first', async (features) => {
    const { options, layout, wheelPath } = freshRuntime();
    const exec = fakeUv(layout);
    const { manifest } = await installManagedPythonRuntime({ ...options, features, exec });
    expect(commandsOf(exec).at(-1)).toEqual([
      ...['uv', 'pip', 'install', '--python', layout.pythonPath],
      `${wheelPath}[local-embeddings]`,
    ]);
    expect(manifest.features).toEqual(['core', 'local-embeddings']);
  });

  it('of extras lists them after local embeddings, by name', async () => {
    const { options, layout, wheelPath } = freshRuntime();
    const exec = fakeUv(layout);
    const features: KtxRuntimeFeature[] = ['sqlalchemy', 'duckdb', 'local-embeddings'];
    const { manifest } = await installManagedPythonRuntime({ ...options, features, exec });
    expect(commandsOf(exec).at(-1)?.at(-1)).toBe(`${wheelPath}[local-embeddings,duckdb,sqlalchemy]`);
    expect(manifest.features).toEqual(['core', 'local-embeddings', 'duckdb', 'sqlalchemy']);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready', manifest });
  });

  it('tells its progress before it is over', async () => {
    const { options, layout } = freshRuntime();
    const progress: RuntimeInstallProgress[] = [];
    const onProgress = (each: RuntimeInstallProgress) => void progress.push(each);
    await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout), onProgress });
    const phases = [...new Set(progress.map(({ phase }) => phase))];
    expect(phases).toEqual(['verify', 'environment', 'packages', 'finish']);
    for (const { message } of progress) expect(message).toMatch(/^\S[^\n]*$/);
  });

  it('gives the tools the environment without what would bend them', async () => {
    const { options, layout } = freshRuntime();
    const bending = {
      PYTHONHOME: '/x',
      PYTHONPATH: '/x',
      VIRTUAL_ENV: '/x',
      PIP_REQUIRE_VIRTUALENV: '1',
      UV_PROJECT: '/x',
    };
    const kept = {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      SSL_CERT_FILE: '/x.pem',
    };
    const env = { PATH: `/bin${delimiter}/usr/bin`, ...bending, ...kept };
    const exec = fakeUv(layout);
    await installManagedPythonRuntime({ ...options, env, features: core, exec });
    for (const [, , { env: given }] of exec.mock.calls) {
      expect(given).toMatchObject(kept);
      for (const name of Object.keys(bending)) expect(given).not.toHaveProperty(name);
    }
  });

  it('works with an exec that is no promise, and with features that are only core by default', async () => {
    const { options, layout } = freshRuntime();
    const uv = fakeUv(layout);
    const exec = ((...args: Parameters<RuntimeExec>) => {
      void uv(...args);
      return { stdout: '', stderr: '' };
    }) as unknown as RuntimeExec;
    await expect(installManagedPythonRuntime({ ...options, features: [], exec })).resolves.toMatchObject({
      status: 'installed',
      manifest: { features: ['core'] },
    });
  });
});

describe('an installation on one that is there', () => {
  it('makes no call when it is right', async () => {
    const runtime = freshRuntime();
    const exec = fakeUv(runtime.layout);
    const first = await installManagedPythonRuntime({ ...runtime.options, features: core, exec });
    exec.mockClear();
    const second = await installManagedPythonRuntime({ ...runtime.options, features: core, exec });
    expect(exec).not.toHaveBeenCalled();
    expect(second).toEqual({ ...first, status: 'ready' });
  });

  it('adds a feature that is missing and keeps those that are there', async () => {
    const { options, layout, wheelPath } = freshRuntime();
    const exec = fakeUv(layout);
    await installManagedPythonRuntime({ ...options, features: core, exec });
    exec.mockClear();
    const added = await installManagedPythonRuntime({ ...options, features: ['local-embeddings'], exec });
    expect(added).toMatchObject({ status: 'installed', manifest: { features: ['core', 'local-embeddings'] } });
    expect(commandsOf(exec).at(-1)?.at(-1)).toBe(`${wheelPath}[local-embeddings]`);
    exec.mockClear();
    await expect(installManagedPythonRuntime({ ...options, features: core, exec })).resolves.toMatchObject({
      status: 'ready',
      manifest: { features: ['core', 'local-embeddings'] },
    });
    expect(exec).not.toHaveBeenCalled();
  });

  it('is done again with force', async () => {
    const { options, layout } = freshRuntime();
    const exec = fakeUv(layout);
    await installManagedPythonRuntime({ ...options, features: core, exec });
    exec.mockClear();
    const again = await installManagedPythonRuntime({ ...options, features: core, exec, force: true });
    expect(again.status).toBe('installed');
    expect(commandsOf(exec).map((command) => command[1])).toEqual(['--version', 'venv', 'pip']);
  });

  it.each([
    [
      'the wheel is another',
      (run: ReturnType<typeof freshRuntime>) => {
        writeAsset(run.options.assetDir, { wheel: writeAssetFile(run.options.assetDir, 'new.whl', 'newer') });
      },
    ],
    [
      'its manifest is garbage',
      (run: ReturnType<typeof freshRuntime>) => writeFileSync(run.layout.manifestPath, '{"a'),
    ],
  ])('is done again when %s', async (_why, bend) => {
    const runtime = freshRuntime();
    writeInstalledRuntime(runtime);
    bend(runtime);
    const exec = fakeUv(runtime.layout);
    const result = await installManagedPythonRuntime({ ...runtime.options, features: core, exec });
    expect(result.status).toBe('installed');
    expect(commandsOf(exec).at(-1)?.[1]).toBe('pip');
    await expect(readManagedPythonRuntimeStatus(runtime.options)).resolves.toMatchObject({ kind: 'ready' });
  });

  it('that runs at the same time waits, says so, and finds the work done', async () => {
    const { options, layout } = freshRuntime();
    const uv = fakeUv(layout);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const exec: RuntimeExec = async (...args) => {
      await held;
      return await uv(...args);
    };
    const onProgress = vi.fn<(progress: RuntimeInstallProgress) => void>(({ phase }) => {
      if (phase === 'waiting') release();
    });
    const results = await Promise.all(
      [1, 2].map(() => installManagedPythonRuntime({ ...options, features: core, exec, onProgress })),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['installed', 'ready']);
    expect(uv).toHaveBeenCalledTimes(3);
  });
});

describe('an installation that fails', () => {
  /** An `exec` whose step fails. */
  function failingAt(step: string, failure: unknown, layout: ReturnType<typeof freshRuntime>['layout']) {
    const uv = fakeUv(layout);
    return vi.fn<RuntimeExec>(async (command, args, options) => {
      if (args[0] === step) throw failure;
      return await uv(command, args, options);
    });
  }

  it.each(['venv', 'pip'])('at %s quotes the tool, names the log, and keeps the cause', async (step) => {
    const { options, layout } = freshRuntime();
    const failure = toolError('first line\nerror: no matching distribution for Grüße==1\n', 'Resolved\n');
    const exec = failingAt(step, failure, layout);
    const error = await errorOf(() => installManagedPythonRuntime({ ...options, features: core, exec }));

    expect(error.code).toBe('KTX_RUNTIME_INSTALL_FAILED');
    expect(error.message).toMatch(/^Python runtime install failed/);
    expect(error.message).toContain('no matching distribution for Grüße==1');
    expect(error.message).toContain(layout.installLogPath);
    expect(error.cause).toBe(failure);
    const log = readFileSync(layout.installLogPath, 'utf8');
    expect(log).toContain(`$ uv ${step}`);
    expect(log).toContain('first line\nerror: no matching distribution for Grüße==1');
    expect(existsSync(layout.manifestPath)).toBe(false);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.not.toMatchObject({ kind: 'ready' });
  });

  it('with very much output quotes only the last lines', async () => {
    const { options, layout } = freshRuntime();
    const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}.`).join('\n');
    const exec = failingAt('pip', toolError(lines), layout);
    const { message } = await errorOf(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    expect(message).toContain('line 4999.');
    expect(message).not.toContain('line 0.');
    expect(message.length).toBeLessThan(5000);
  });

  it('is repaired by the next one, without anything being deleted by hand', async () => {
    const { options, layout } = freshRuntime();
    const exec = failingAt('pip', toolError('no network'), layout);
    await errorOf(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    const again = await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) });
    expect(again.status).toBe('installed');
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
  });

  it.each(['--version', 'venv', 'pip'])('at %s while forced leaves the working runtime working', async (step) => {
    const { options, layout } = freshRuntime();
    await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) });
    const before = readFileSync(layout.manifestPath, 'utf8');
    const exec = failingAt(step, toolError('no'), layout);
    await errorOf(() => installManagedPythonRuntime({ ...options, features: core, exec, force: true }));
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
    expect(readFileSync(layout.manifestPath, 'utf8')).toBe(before);
    expect(existsSync(layout.pythonPath) && existsSync(layout.daemonPath)).toBe(true);
  });

  it('because uv is not there makes no further call', async () => {
    const { options, layout } = freshRuntime();
    const failure = Object.assign(toolError(''), { code: 'ENOENT' });
    const exec = failingAt('--version', failure, layout);
    const error = await errorOf(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    expect(error.code).toMatch(/^KTX_RUNTIME_INSTALL(ER_MISSING|_FAILED)$/);
    expect(exec).toHaveBeenCalledTimes(1);
    expect(existsSync(layout.venvDir)).toBe(false);
  });

  it('because the wheel was changed touches nothing', async () => {
    const { options, layout, wheelPath } = freshRuntime();
    writeFileSync(wheelPath, 'another wheel!!!!!');
    const exec = fakeUv(layout);
    const error = await errorOf(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
    expect(exec).not.toHaveBeenCalled();
    expect(existsSync(layout.venvDir)).toBe(false);
  });

  it('because its root is a file names the path', async () => {
    const { options, layout } = freshRuntime();
    writeFileSync(options.runtimeRoot, 'a file');
    const error = await errorOf(() =>
      installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) }),
    );
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.message).toContain(options.runtimeRoot);
    expect(readFileSync(options.runtimeRoot, 'utf8')).toBe('a file');
  });

  it('because the tools left no executables is not taken for a runtime', async () => {
    const { options } = freshRuntime();
    const exec = async () => ({ stdout: '', stderr: '' });
    await Promise.allSettled([installManagedPythonRuntime({ ...options, features: core, exec })]);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.not.toMatchObject({ kind: 'ready' });
  });
});

describe('cancelling an installation', () => {
  it('before it begins makes no call', async () => {
    const { options, layout } = freshRuntime();
    const exec = fakeUv(layout);
    const signal = AbortSignal.abort('enough');
    expect(await failureOf(() => installManagedPythonRuntime({ ...options, features: core, exec, signal }))).toBe(
      'enough',
    );
    expect(exec).not.toHaveBeenCalled();
  });

  it('in the middle rejects with the reason, and the next one repairs it', async () => {
    const { options, layout } = freshRuntime();
    const controller = new AbortController();
    const exec = vi.fn<RuntimeExec>((_command, args) => {
      if (args[0] === 'pip') controller.abort('enough');
      return args[0] === 'pip' ? new Promise(() => {}) : fakeUv(layout)(_command, args, {});
    });
    const { signal } = controller;
    expect(await failureOf(() => installManagedPythonRuntime({ ...options, features: core, exec, signal }))).toBe(
      'enough',
    );
    await expect(readManagedPythonRuntimeStatus(options)).resolves.not.toMatchObject({ kind: 'ready' });
    await expect(
      installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) }),
    ).resolves.toMatchObject({ status: 'installed' });
  });
});

it.each([
  ['features', { features: 'core' }],
  ['features', { features: ['gpu'] }],
  ['exec', { features: core, exec: 'uv' }],
  ['onProgress', { features: core, onProgress: 1 }],
  ['force', { features: core, force: 'yes' }],
])('a wrong %s is an error that names it: %j', async (name, wrong) => {
  const { options } = freshRuntime();
  const failure = await failureOf(() => installManagedPythonRuntime({ ...options, ...wrong } as never));
  expect(failure).toBeInstanceOf(TypeError);
  expect((failure as Error).message).toContain(name);
});
