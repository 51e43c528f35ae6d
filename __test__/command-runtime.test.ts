import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  createLazyManagedPythonSemanticLayerComputePort,
  createManagedPythonSemanticLayerComputePort,
  type EnsureManagedPythonCommandRuntimeOptions,
  ensureManagedPythonCommandRuntime,
  type KtxSemanticLayerComputePort,
  managedRuntimeInstallCommand,
  runtimeInstallPolicyFromFlags,
} from '@kaelio/ktx';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { writeExecutable } from './support/runtime.js';
import { temporaryFolder } from './support/temp.js';

afterEach(() => vi.unstubAllEnvs());

/** A folder with a Python interpreter and without uv. */
function findPythonFolder(): string {
  const script = 'import sys; print(sys.base_exec_prefix)';
  const prefix = execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim();
  return join(prefix, 'bin');
}

describe('policies and commands', () => {
  it.each([
    [{}, 'prompt'],
    [{ input: true }, 'prompt'],
    [{ yes: false }, 'prompt'],
    [{ yes: true }, 'auto'],
    [{ yes: true, input: true }, 'auto'],
    [{ input: false }, 'never'],
    [{ yes: false, input: false }, 'never'],
    [{ yes: undefined, input: undefined }, 'prompt'],
  ] as const)('the flags %j select %s', (flags, policy) => {
    expect(runtimeInstallPolicyFromFlags(flags as { yes?: boolean })).toBe(policy);
  });

  it('both flags together are rejected', async () => {
    const error = await catchError(() => runtimeInstallPolicyFromFlags({ yes: true, input: false }));
    expect(error.code).toBe('KTX_RUNTIME_POLICY');
    expect(error.message).toBe('Choose only one runtime install mode: --yes or --no-input');
  });

  it('the install command names the feature unless it is core', () => {
    expect(managedRuntimeInstallCommand('core')).toBe('ktx runtime install --yes');
    expect(managedRuntimeInstallCommand('duckdb')).toBe('ktx runtime install --feature duckdb --yes');
    expect(managedRuntimeInstallCommand('local-embeddings')).toBe(
      'ktx runtime install --feature local-embeddings --yes',
    );
  });

  it.each([
    ['yes', () => runtimeInstallPolicyFromFlags({ yes: 'y' } as never)],
    ['feature', () => managedRuntimeInstallCommand('gpu' as never)],
  ])('an invalid %s is a TypeError', async (name, call) => {
    const error = await catchFailure(call);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(name);
  });
});

const layout = { versionDir: '/root/0.2.0', daemonPath: '/root/0.2.0/.venv/bin/ktx-daemon' };
const manifestWith = (...features: string[]) => ({
  features,
  python: { executable: '/root/0.2.0/.venv/bin/python', daemonExecutable: layout.daemonPath },
});
const ready = (...features: string[]) => ({ kind: 'ready', detail: '', layout, manifest: manifestWith(...features) });
const missing = { kind: 'missing', detail: 'nothing there', layout };
const installed = { status: 'installed', layout, asset: {}, manifest: manifestWith('core', 'local-embeddings') };

/** Creates a host whose runtime has this status. */
function hostWith(status: unknown, overrides: Partial<EnsureManagedPythonCommandRuntimeOptions> = {}) {
  const recording = recordingIo();
  const readStatus = vi.fn(async () => status as never);
  const installRuntime = vi.fn(async () => installed as never);
  const options: EnsureManagedPythonCommandRuntimeOptions = {
    cliVersion: '0.2.0',
    installPolicy: 'prompt',
    io: recording.io,
    readStatus,
    installRuntime,
    ...overrides,
  };
  return { ...recording, readStatus, installRuntime, options };
}

describe('a ready runtime', () => {
  it.each(['prompt', 'auto', 'never'] as const)('is used without output (%s)', async (installPolicy) => {
    const { options, readStatus, installRuntime, stderr, stdout } = hostWith(ready('core'), { installPolicy });
    const result = await ensureManagedPythonCommandRuntime(options);
    expect(result).toStrictEqual({ layout, manifest: manifestWith('core') });
    expect(result.layout).toBe(layout);
    expect(readStatus.mock.calls).toStrictEqual([[{ cliVersion: '0.2.0' }]]);
    expect(installRuntime).not.toHaveBeenCalled();
    expect(stderr() + stdout()).toBe('');
  });

  it('without the feature is installed again', async () => {
    const { options, installRuntime } = hostWith(ready('core'), { installPolicy: 'auto', feature: 'local-embeddings' });
    await ensureManagedPythonCommandRuntime(options);
    expect(installRuntime.mock.calls).toStrictEqual([
      [{ cliVersion: '0.2.0', features: ['local-embeddings'], force: false }],
    ]);
  });
});

describe('a missing runtime, by policy', () => {
  it.each([
    ['core', 'ktx runtime install --yes'],
    ['local-embeddings', 'ktx runtime install --feature local-embeddings --yes'],
  ] as const)('never: %s is rejected with the command to run', async (feature, command) => {
    const { options, installRuntime, stderr } = hostWith(missing, { installPolicy: 'never', feature });
    const error = await catchError(() => ensureManagedPythonCommandRuntime(options));
    expect(error.code).toBe('KTX_RUNTIME_REQUIRED');
    expect(error.message).toBe(`KTX Python runtime is required for this command. Run: ${command}`);
    expect(installRuntime).not.toHaveBeenCalled();
    expect(stderr()).toBe('');
  });

  it.each(['missing', 'mismatched', 'broken'])('auto: a %s runtime is installed, with messages', async (kind) => {
    const { options, installRuntime, stderr, stdout } = hostWith({ ...missing, kind }, { installPolicy: 'auto' });
    const result = await ensureManagedPythonCommandRuntime(options);
    expect(result.layout).toBe(layout);
    expect(result.manifest).toBe(installed.manifest);
    expect(installRuntime.mock.calls).toStrictEqual([[{ cliVersion: '0.2.0', features: ['core'], force: false }]]);
    expect(stderr()).toBe('Installing KTX Python runtime (core) with uv...\nKTX Python runtime ready: /root/0.2.0\n');
    expect(stdout()).toBe('');
  });

  it.each([
    ['core', 'core Python runtime'],
    ['local-embeddings', 'local embeddings Python runtime'],
  ] as const)('prompt: asks for %s and installs after a yes', async (feature, name) => {
    const confirmInstall = vi.fn(() => true);
    const { options, installRuntime, stderr } = hostWith(missing, { feature, confirmInstall });
    await ensureManagedPythonCommandRuntime(options);
    expect(confirmInstall.mock.calls).toStrictEqual([
      [`KTX needs to install the ${name}. This downloads Python dependencies with uv. Continue?`],
    ]);
    expect(installRuntime).toHaveBeenCalledTimes(1);
    expect(stderr()).toContain(`Installing KTX Python runtime (${feature}) with uv...`);
  });

  it.each(['duckdb', 'sqlalchemy'] as const)('prompt: names the feature %s in the question', async (feature) => {
    const confirmInstall = vi.fn(() => false);
    const { options } = hostWith(missing, { feature, confirmInstall });
    const error = await catchError(() => ensureManagedPythonCommandRuntime(options));
    expect(confirmInstall.mock.calls).toStrictEqual([
      [`KTX needs to install the ${feature} Python runtime. This downloads Python dependencies with uv. Continue?`],
    ]);
    expect(error.message).toContain(`Run: ktx runtime install --feature ${feature} --yes`);
  });

  it('prompt: without a terminal the runtime is required, not cancelled', async () => {
    const { options, installRuntime, stderr } = hostWith(missing, {});
    const error = await catchError(() => ensureManagedPythonCommandRuntime(options));
    expect(error.code).toBe('KTX_RUNTIME_REQUIRED');
    expect(error.message).toBe('KTX Python runtime is required for this command. Run: ktx runtime install --yes');
    expect(installRuntime).not.toHaveBeenCalled();
    expect(stderr()).toBe('');
  });

  describe('names the installer', () => {
    const question = (name: string) =>
      `KTX needs to install the core Python runtime. This downloads Python dependencies with ${name}. Continue?`;

    /** Returns the question and the first message of an installation, with only this folder in PATH. */
    async function installTexts(path: string, overrides: Partial<EnsureManagedPythonCommandRuntimeOptions>) {
      vi.stubEnv('PATH', path);
      vi.stubEnv('KTX_UV', undefined);
      vi.stubEnv('KTX_PYTHON', undefined);
      const confirmInstall = vi.fn(() => true);
      const { options, stderr } = hostWith(missing, { confirmInstall, ...overrides });
      await ensureManagedPythonCommandRuntime(options);
      return [...confirmInstall.mock.calls.flat(), stderr().split('\n')[0]];
    }

    const uv = [question('uv'), 'Installing KTX Python runtime (core) with uv...'];

    it('uv if callbacks are injected, even if uv is not installed', async () => {
      expect(await installTexts(findPythonFolder(), {})).toEqual(uv);
    });

    it.each([
      ['pip', () => findPythonFolder()],
      ['uv', () => createUvFolder()],
    ] as const)('%s if the native installation selects it', async (name, folder) => {
      vi.stubEnv('PATH', folder());
      vi.stubEnv('KTX_UV', undefined);
      vi.stubEnv('KTX_PYTHON', undefined);
      vi.stubEnv('KTX_RUNTIME_ROOT', join(temporaryFolder(), 'root'));
      const confirmInstall = vi.fn(() => false);
      const { io } = recordingIo();
      const options = { cliVersion: '0.2.0', installPolicy: 'prompt', io, confirmInstall } as const;
      const error = await catchError(() => ensureManagedPythonCommandRuntime(options));
      expect(error.code).toBe('KTX_RUNTIME_CANCELLED');
      expect(confirmInstall.mock.calls).toEqual([[question(name)]]);
    });

    function createUvFolder(): string {
      const folder = temporaryFolder();
      writeExecutable(join(folder, 'uv'), '#!/bin/sh\necho uv 9.9.9\n');
      return folder;
    }
  });

  it('prompt: a no cancels with the command to run', async () => {
    const { options, installRuntime, stderr } = hostWith(missing, { confirmInstall: async () => false });
    const error = await catchError(() => ensureManagedPythonCommandRuntime(options));
    expect(error.code).toBe('KTX_RUNTIME_CANCELLED');
    expect(error.message).toBe('KTX Python runtime installation was cancelled. Run: ktx runtime install --yes');
    expect(installRuntime).not.toHaveBeenCalled();
    expect(stderr()).toBe('');
  });
});

describe('errors of callbacks', () => {
  it.each(['readStatus', 'confirmInstall', 'installRuntime'] as const)('%s: are rethrown unchanged', async (place) => {
    for (const value of [new Error('boom'), 'text', undefined]) {
      const thrower = () => {
        throw value;
      };
      const thrown = hostWith(missing, { confirmInstall: () => true, [place]: thrower });
      expect(await catchFailure(() => ensureManagedPythonCommandRuntime(thrown.options))).toBe(value);
      const rejected = hostWith(missing, { confirmInstall: () => true, [place]: () => Promise.reject(value) });
      expect(await catchFailure(() => ensureManagedPythonCommandRuntime(rejected.options))).toBe(value);
    }
  });

  it('installRuntime: no message says that the runtime is ready', async () => {
    const { options, stderr } = hostWith(missing, {
      installPolicy: 'auto',
      installRuntime: () => Promise.reject(new Error('no network')),
    });
    await expect(ensureManagedPythonCommandRuntime(options)).rejects.toThrow('no network');
    expect(stderr()).not.toContain('ready');
  });
});

describe('the semantic layer port', () => {
  it('is the result of createPythonCompute for the daemon of the runtime', async () => {
    const port = { any: 'thing' };
    const createPythonCompute = vi.fn(() => port);
    const { options } = hostWith(ready('core'));
    const created = await createManagedPythonSemanticLayerComputePort({ ...options, createPythonCompute });
    expect(created).toBe(port);
    expect(createPythonCompute.mock.calls).toStrictEqual([[{ command: layout.daemonPath, args: [] }]]);
  });

  it('is not created if the runtime may not be installed', async () => {
    const createPythonCompute = vi.fn(() => ({}));
    const { options } = hostWith(missing, { installPolicy: 'never' });
    const call = () => createManagedPythonSemanticLayerComputePort({ ...options, createPythonCompute });
    expect((await catchError(call)).code).toBe('KTX_RUNTIME_REQUIRED');
    expect(createPythonCompute).not.toHaveBeenCalled();
  });

  it('ensures the feature core', async () => {
    const { options, installRuntime } = hostWith(missing, { installPolicy: 'auto' });
    await createManagedPythonSemanticLayerComputePort({ ...options, createPythonCompute: () => 1 });
    expect(installRuntime.mock.calls).toStrictEqual([[{ cliVersion: '0.2.0', features: ['core'], force: false }]]);
  });

  it('is native without createPythonCompute', async () => {
    const { options } = hostWith(ready('core'));
    const port = await createManagedPythonSemanticLayerComputePort(options);
    for (const name of ['query', 'validateSources', 'generateSources'] as const) {
      expect(port[name]).toBeTypeOf('function');
    }
  });
});

describe('the lazy semantic layer port', () => {
  const answer = { valid: true, errors: [], warnings: [], perSourceWarnings: {} };
  const compute = () => {
    const method = vi.fn(async (_payload: unknown) => answer);
    return {
      query: method,
      validateSources: method,
      generateSources: method,
    } as unknown as KtxSemanticLayerComputePort;
  };

  it('ensures the runtime at its first call, and calls the port of the host', async () => {
    const port = compute();
    const createPythonCompute = vi.fn(async () => port);
    const { options, installRuntime } = hostWith(missing, { installPolicy: 'auto' });
    const lazy = createLazyManagedPythonSemanticLayerComputePort({ ...options, createPythonCompute });
    expect(options.readStatus).not.toHaveBeenCalled();
    const payload = { sources: [], recentlyTouched: ['a'] };
    const answers = await Promise.all([lazy.validateSources(payload), lazy.validateSources(payload)]);
    expect(answers).toEqual([answer, answer]);
    expect(createPythonCompute).toHaveBeenCalledOnce();
    expect(installRuntime).toHaveBeenCalledOnce();
    expect(port.validateSources).toHaveBeenCalledWith(payload);
  });

  it('retries after a failure', async () => {
    const installRuntime = vi.fn().mockRejectedValueOnce(new Error('no network')).mockResolvedValue(ready('core'));
    const { options } = hostWith(missing, { installPolicy: 'auto', installRuntime });
    const lazy = createLazyManagedPythonSemanticLayerComputePort({ ...options, createPythonCompute: compute });
    await expect(lazy.validateSources({ sources: [] })).rejects.toThrow('no network');
    await expect(lazy.validateSources({ sources: [] })).resolves.toEqual(answer);
  });
});
