import { isAbsolute, join, win32 } from 'node:path';
import { type ManagedPythonRuntimeLayout, managedPythonRuntimeLayout } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';
import { packageDir } from './support/package.js';

const cliVersion = '0.2.0';
const posix = { cliVersion, platform: 'linux', homeDir: '/home/ada', env: {}, assetDir: '/pkg/python' } as const;
const mac = { ...posix, platform: 'darwin', homeDir: '/Users/ada' } as const;
const windows = { cliVersion, platform: 'win32', homeDir: 'C:\\Users\\Ada', env: {}, assetDir: 'C:\\pkg' } as const;

/** Expected POSIX layout below a root. */
function posixLayout(root: string): ManagedPythonRuntimeLayout {
  const versionDir = `${root}/0.2.0`;
  return {
    cliVersion,
    runtimeRoot: root,
    versionDir,
    venvDir: `${versionDir}/.venv`,
    manifestPath: `${versionDir}/manifest.json`,
    installLogPath: `${versionDir}/install.log`,
    assetDir: '/pkg/python',
    assetManifestPath: '/pkg/python/manifest.json',
    pythonPath: `${versionDir}/.venv/bin/python`,
    daemonPath: `${versionDir}/.venv/bin/ktx-daemon`,
    daemonStatePath: `${versionDir}/daemon.json`,
    daemonStdoutPath: `${versionDir}/daemon.stdout.log`,
    daemonStderrPath: `${versionDir}/daemon.stderr.log`,
  };
}

/** Windows layout, normalised to backslashes. */
function windowsLayout(env: Record<string, string>): ManagedPythonRuntimeLayout {
  const entries = Object.entries(managedPythonRuntimeLayout({ ...windows, env }));
  return Object.fromEntries(entries.map(([key, path]) => [key, win32.normalize(path)])) as never;
}

describe('the layout', () => {
  it('on Linux is below ~/.local/share', () => {
    expect(managedPythonRuntimeLayout(posix)).toStrictEqual(posixLayout('/home/ada/.local/share/kaelio/ktx/runtime'));
  });

  it('on Linux follows XDG_DATA_HOME', () => {
    const layout = managedPythonRuntimeLayout({ ...posix, env: { XDG_DATA_HOME: '/data/ä b' } });
    expect(layout).toStrictEqual(posixLayout('/data/ä b/kaelio/ktx/runtime'));
  });

  it('on macOS is below Application Support, even with XDG variables', () => {
    const root = '/Users/ada/Library/Application Support/kaelio/ktx/runtime';
    expect(managedPythonRuntimeLayout(mac)).toStrictEqual(posixLayout(root));
    expect(managedPythonRuntimeLayout({ ...mac, env: { XDG_DATA_HOME: '/data' } }).runtimeRoot).toBe(root);
  });

  it('on Windows is below LOCALAPPDATA, with Windows paths and executables', () => {
    const layout = windowsLayout({ LOCALAPPDATA: 'D:\\Lokale Daten' });
    const versionDir = 'D:\\Lokale Daten\\Kaelio\\KTX\\runtime\\0.2.0';
    expect(layout).toStrictEqual({
      cliVersion,
      runtimeRoot: 'D:\\Lokale Daten\\Kaelio\\KTX\\runtime',
      versionDir,
      venvDir: `${versionDir}\\.venv`,
      manifestPath: `${versionDir}\\manifest.json`,
      installLogPath: `${versionDir}\\install.log`,
      assetDir: 'C:\\pkg',
      assetManifestPath: 'C:\\pkg\\manifest.json',
      pythonPath: `${versionDir}\\.venv\\Scripts\\python.exe`,
      daemonPath: `${versionDir}\\.venv\\Scripts\\ktx-daemon.exe`,
      daemonStatePath: `${versionDir}\\daemon.json`,
      daemonStdoutPath: `${versionDir}\\daemon.stdout.log`,
      daemonStderrPath: `${versionDir}\\daemon.stderr.log`,
    });
  });

  it('on Windows without LOCALAPPDATA is below the home folder', () => {
    expect(windowsLayout({}).runtimeRoot).toBe('C:\\Users\\Ada\\AppData\\Local\\Kaelio\\KTX\\runtime');
  });

  it.each([posix, mac])('prefers KTX_RUNTIME_ROOT to other variables ($platform)', (options) => {
    const env = { KTX_RUNTIME_ROOT: '/runtimes', XDG_DATA_HOME: '/data' };
    expect(managedPythonRuntimeLayout({ ...options, env })).toStrictEqual(posixLayout('/runtimes'));
  });

  it('follows KTX_RUNTIME_ROOT on Windows', () => {
    const env = { KTX_RUNTIME_ROOT: 'E:\\ktx', LOCALAPPDATA: 'D:\\x' };
    expect(windowsLayout(env).versionDir).toBe('E:\\ktx\\0.2.0');
  });

  it('prefers the option runtimeRoot to KTX_RUNTIME_ROOT', () => {
    const env = { KTX_RUNTIME_ROOT: '/elsewhere' };
    expect(managedPythonRuntimeLayout({ ...posix, env, runtimeRoot: '/option' })).toStrictEqual(posixLayout('/option'));
  });

  it('treats undefined in env as unset', () => {
    const env = { KTX_RUNTIME_ROOT: undefined, XDG_DATA_HOME: undefined };
    expect(managedPythonRuntimeLayout({ ...posix, env }).runtimeRoot).toBe('/home/ada/.local/share/kaelio/ktx/runtime');
  });

  it('defaults to absolute paths and the asset of the package', () => {
    const { cliVersion: _, ...paths } = managedPythonRuntimeLayout({ cliVersion });
    for (const path of Object.values(paths)) expect(isAbsolute(path), path).toBe(true);
    expect(paths.assetDir).toBe(join(packageDir, 'assets', 'python'));
  });

  it('defaults to the current process environment', () => {
    vi.stubEnv('KTX_RUNTIME_ROOT', packageDir);
    expect(managedPythonRuntimeLayout({ cliVersion }).runtimeRoot).toBe(packageDir);
  });
});

describe('an invalid environment variable', () => {
  it.each([
    ['KTX_RUNTIME_ROOT', 'relative/root', posix],
    ['KTX_RUNTIME_ROOT', './x', mac],
    ['KTX_RUNTIME_ROOT', '', posix],
    ['KTX_RUNTIME_ROOT', 'x\\y', windows],
    ['XDG_DATA_HOME', 'relative', posix],
    ['LOCALAPPDATA', 'relative', windows],
    ['LOCALAPPDATA', '', windows],
  ] as const)('%s="%s" is an error that names the variable', async (name, value, options) => {
    const error = await catchError(() => managedPythonRuntimeLayout({ ...options, env: { [name]: value } }));
    expect(error.code).toBe('KTX_ENV_INVALID');
    expect(error.message).toContain(name);
  });
});

it('treats an empty XDG_DATA_HOME or HOME as unset, according to the XDG specification', () => {
  const root = (env: Record<string, string>) => managedPythonRuntimeLayout({ ...posix, env }).runtimeRoot;
  expect(root({ XDG_DATA_HOME: '' })).toBe(root({}));
  expect(root({ XDG_DATA_HOME: '', HOME: '' })).toBe(root({}));
});

describe('an invalid argument', () => {
  it.each([
    ['options', undefined],
    ['cliVersion', {}],
    ['cliVersion', { cliVersion: 2 }],
    ['platform', { cliVersion, platform: 7 }],
    ['runtimeRoot', { cliVersion, runtimeRoot: {} }],
    ['env', { cliVersion, env: 'PATH=/bin' }],
  ])('of the wrong type is a TypeError that names %s', async (name, options) => {
    const error = await catchFailure(() => managedPythonRuntimeLayout(options as never));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(name);
  });

  it.each(['', '..', '../0.2.0', 'a/b', 'a\\b', '.', '0.2.0\0'])(
    '%j is not a version, as it could leave the root',
    async (version) => {
      const error = await catchError(() => managedPythonRuntimeLayout({ ...posix, cliVersion: version }));
      expect(error.message).toContain('cliVersion');
    },
  );

  it('a relative runtimeRoot is rejected', async () => {
    const error = await catchError(() => managedPythonRuntimeLayout({ ...posix, runtimeRoot: 'relative' }));
    expect(error.message).toContain('runtimeRoot');
  });
});
