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
import { catchError, catchFailure } from './support/failure.js';
import {
  createRuntime,
  fakeUv,
  recordedCommands,
  writeAsset,
  writeAssetFile,
  writeInstalledRuntime,
} from './support/runtime.js';

const core: KtxRuntimeFeature[] = ['core'];

/** An error as `execFile` of Node rejects with. */
const toolError = (stderr: string, stdout = '') => Object.assign(new Error('Command failed'), { stdout, stderr });

describe('a first installation', () => {
  it('runs exactly three commands of uv', async () => {
    const { options, layout, asset, wheelPath } = createRuntime();
    const exec = fakeUv(layout);
    const result = await installManagedPythonRuntime({ ...options, features: core, exec });

    expect(recordedCommands(exec)).toEqual([
      ['uv', '--version'],
      ['uv', 'venv', layout.venvDir],
      ['uv', 'pip', 'install', '--python', layout.pythonPath, wheelPath],
    ]);
    expect(result).toMatchObject({ status: 'installed', layout, asset: { manifest: asset, wheelPath } });
  });

  it('writes a manifest of the installation', async () => {
    const { options, layout, asset } = createRuntime();
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

  it('writes a log with each command and its output', async () => {
    const { options, layout, wheelPath } = createRuntime();
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
    const { options, layout, wheelPath } = createRuntime();
    const exec = fakeUv(layout);
    const { manifest } = await installManagedPythonRuntime({ ...options, features, exec });
    expect(recordedCommands(exec).at(-1)).toEqual([
      ...['uv', 'pip', 'install', '--python', layout.pythonPath],
      `${wheelPath}[local-embeddings]`,
    ]);
    expect(manifest.features).toEqual(['core', 'local-embeddings']);
  });

  it('of extras lists them after local-embeddings, sorted by name', async () => {
    const { options, layout, wheelPath } = createRuntime();
    const exec = fakeUv(layout);
    const features: KtxRuntimeFeature[] = ['sqlalchemy', 'duckdb', 'clickhouse', 'local-embeddings'];
    const { manifest } = await installManagedPythonRuntime({ ...options, features, exec });
    expect(recordedCommands(exec).at(-1)?.at(-1)).toBe(`${wheelPath}[local-embeddings,clickhouse,duckdb,sqlalchemy]`);
    expect(manifest.features).toEqual(['core', 'local-embeddings', 'clickhouse', 'duckdb', 'sqlalchemy']);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready', manifest });
  });

  it('reports progress', async () => {
    const { options, layout } = createRuntime();
    const progress: RuntimeInstallProgress[] = [];
    const onProgress = (each: RuntimeInstallProgress) => void progress.push(each);
    await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout), onProgress });
    const phases = [...new Set(progress.map(({ phase }) => phase))];
    expect(phases).toEqual(['verify', 'environment', 'packages', 'finish']);
    for (const { message } of progress) expect(message).toMatch(/^\S[^\n]*$/);
  });

  it('removes interfering variables from the environment of the tools', async () => {
    const { options, layout } = createRuntime();
    const interfering = {
      PYTHONHOME: '/x',
      PYTHONPATH: '/x',
      VIRTUAL_ENV: '/x',
      PIP_REQUIRE_VIRTUALENV: '1',
      UV_PROJECT: '/x',
    };
    const preserved = {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      SSL_CERT_FILE: '/x.pem',
    };
    const env = { PATH: `/bin${delimiter}/usr/bin`, ...interfering, ...preserved };
    const exec = fakeUv(layout);
    await installManagedPythonRuntime({ ...options, env, features: core, exec });
    for (const [, , { env: toolEnv }] of exec.mock.calls) {
      expect(toolEnv).toMatchObject(preserved);
      for (const name of Object.keys(interfering)) expect(toolEnv).not.toHaveProperty(name);
    }
  });

  it('accepts a synchronous exec, and defaults to the feature core', async () => {
    const { options, layout } = createRuntime();
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

describe('an installation over an existing one', () => {
  it('runs no command if it is up to date', async () => {
    const runtime = createRuntime();
    const exec = fakeUv(runtime.layout);
    const first = await installManagedPythonRuntime({ ...runtime.options, features: core, exec });
    exec.mockClear();
    const second = await installManagedPythonRuntime({ ...runtime.options, features: core, exec });
    expect(exec).not.toHaveBeenCalled();
    expect(second).toEqual({ ...first, status: 'ready' });
  });

  it('adds a missing feature and keeps existing ones', async () => {
    const { options, layout, wheelPath } = createRuntime();
    const exec = fakeUv(layout);
    await installManagedPythonRuntime({ ...options, features: core, exec });
    exec.mockClear();
    const added = await installManagedPythonRuntime({ ...options, features: ['local-embeddings'], exec });
    expect(added).toMatchObject({ status: 'installed', manifest: { features: ['core', 'local-embeddings'] } });
    expect(recordedCommands(exec).at(-1)?.at(-1)).toBe(`${wheelPath}[local-embeddings]`);
    exec.mockClear();
    await expect(installManagedPythonRuntime({ ...options, features: core, exec })).resolves.toMatchObject({
      status: 'ready',
      manifest: { features: ['core', 'local-embeddings'] },
    });
    expect(exec).not.toHaveBeenCalled();
  });

  it('is repeated with force', async () => {
    const { options, layout } = createRuntime();
    const exec = fakeUv(layout);
    await installManagedPythonRuntime({ ...options, features: core, exec });
    exec.mockClear();
    const again = await installManagedPythonRuntime({ ...options, features: core, exec, force: true });
    expect(again.status).toBe('installed');
    expect(recordedCommands(exec).map((command) => command[1])).toEqual(['--version', 'venv', 'pip']);
  });

  it.each([
    [
      'the wheel has changed',
      (run: ReturnType<typeof createRuntime>) => {
        writeAsset(run.options.assetDir, { wheel: writeAssetFile(run.options.assetDir, 'new.whl', 'newer') });
      },
    ],
    [
      'its manifest is invalid',
      (run: ReturnType<typeof createRuntime>) => writeFileSync(run.layout.manifestPath, '{"a'),
    ],
  ])('is repeated if %s', async (_why, modify) => {
    const runtime = createRuntime();
    writeInstalledRuntime(runtime);
    modify(runtime);
    const exec = fakeUv(runtime.layout);
    const result = await installManagedPythonRuntime({ ...runtime.options, features: core, exec });
    expect(result.status).toBe('installed');
    expect(recordedCommands(exec).at(-1)?.[1]).toBe('pip');
    await expect(readManagedPythonRuntimeStatus(runtime.options)).resolves.toMatchObject({ kind: 'ready' });
  });

  it('that runs concurrently waits, reports that, and reuses the result', async () => {
    const { options, layout } = createRuntime();
    const uv = fakeUv(layout);
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const exec: RuntimeExec = async (...args) => {
      await released;
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
  /** Creates an `exec` that fails at a step. */
  function failAt(step: string, failure: unknown, layout: ReturnType<typeof createRuntime>['layout']) {
    const uv = fakeUv(layout);
    return vi.fn<RuntimeExec>(async (command, args, options) => {
      if (args[0] === step) throw failure;
      return await uv(command, args, options);
    });
  }

  it.each(['venv', 'pip'])('at %s quotes the tool, and has the log and the cause', async (step) => {
    const { options, layout } = createRuntime();
    const failure = toolError('first line\nerror: no matching distribution for Grüße==1\n', 'Resolved\n');
    const exec = failAt(step, failure, layout);
    const error = await catchError(() => installManagedPythonRuntime({ ...options, features: core, exec }));

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

  it('with long output quotes only the last lines', async () => {
    const { options, layout } = createRuntime();
    const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}.`).join('\n');
    const exec = failAt('pip', toolError(lines), layout);
    const { message } = await catchError(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    expect(message).toContain('line 4999.');
    expect(message).not.toContain('line 0.');
    expect(message.length).toBeLessThan(5000);
  });

  it('is repaired by the next one', async () => {
    const { options, layout } = createRuntime();
    const exec = failAt('pip', toolError('no network'), layout);
    await catchError(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    const again = await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) });
    expect(again.status).toBe('installed');
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
  });

  it.each(['--version', 'venv', 'pip'])('at %s with force leaves the existing runtime usable', async (step) => {
    const { options, layout } = createRuntime();
    await installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) });
    const before = readFileSync(layout.manifestPath, 'utf8');
    const exec = failAt(step, toolError('no'), layout);
    await catchError(() => installManagedPythonRuntime({ ...options, features: core, exec, force: true }));
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
    expect(readFileSync(layout.manifestPath, 'utf8')).toBe(before);
    expect(existsSync(layout.pythonPath) && existsSync(layout.daemonPath)).toBe(true);
  });

  it('without uv runs no further command', async () => {
    const { options, layout } = createRuntime();
    const failure = Object.assign(toolError(''), { code: 'ENOENT' });
    const exec = failAt('--version', failure, layout);
    const error = await catchError(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    expect(error.code).toMatch(/^KTX_RUNTIME_INSTALL(ER_MISSING|_FAILED)$/);
    expect(exec).toHaveBeenCalledTimes(1);
    expect(existsSync(layout.venvDir)).toBe(false);
  });

  it('with a modified wheel changes nothing', async () => {
    const { options, layout, wheelPath } = createRuntime();
    writeFileSync(wheelPath, 'another wheel!!!!!');
    const exec = fakeUv(layout);
    const error = await catchError(() => installManagedPythonRuntime({ ...options, features: core, exec }));
    expect(error.message).toBe(`Bundled Python runtime wheel checksum mismatch: ${wheelPath}`);
    expect(exec).not.toHaveBeenCalled();
    expect(existsSync(layout.venvDir)).toBe(false);
  });

  it('with a file as root reports the path', async () => {
    const { options, layout } = createRuntime();
    writeFileSync(options.runtimeRoot, 'a file');
    const error = await catchError(() =>
      installManagedPythonRuntime({ ...options, features: core, exec: fakeUv(layout) }),
    );
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.message).toContain(options.runtimeRoot);
    expect(readFileSync(options.runtimeRoot, 'utf8')).toBe('a file');
  });

  it('without executables is not reported as ready', async () => {
    const { options } = createRuntime();
    const exec = async () => ({ stdout: '', stderr: '' });
    await Promise.allSettled([installManagedPythonRuntime({ ...options, features: core, exec })]);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.not.toMatchObject({ kind: 'ready' });
  });
});

describe('cancelling an installation', () => {
  it('before the start runs no command', async () => {
    const { options, layout } = createRuntime();
    const exec = fakeUv(layout);
    const signal = AbortSignal.abort('enough');
    expect(await catchFailure(() => installManagedPythonRuntime({ ...options, features: core, exec, signal }))).toBe(
      'enough',
    );
    expect(exec).not.toHaveBeenCalled();
  });

  it('during the installation rejects with the reason, and the next one repairs it', async () => {
    const { options, layout } = createRuntime();
    const controller = new AbortController();
    const exec = vi.fn<RuntimeExec>((_command, args) => {
      if (args[0] === 'pip') controller.abort('enough');
      return args[0] === 'pip' ? new Promise(() => {}) : fakeUv(layout)(_command, args, {});
    });
    const { signal } = controller;
    expect(await catchFailure(() => installManagedPythonRuntime({ ...options, features: core, exec, signal }))).toBe(
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
])('an invalid %s is an error that names it: %j', async (name, wrong) => {
  const { options } = createRuntime();
  const failure = await catchFailure(() => installManagedPythonRuntime({ ...options, ...wrong } as never));
  expect(failure).toBeInstanceOf(TypeError);
  expect((failure as Error).message).toContain(name);
});
