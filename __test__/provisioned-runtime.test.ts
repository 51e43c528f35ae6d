import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  createManagedDaemonHttpJsonRunner,
  doctorManagedPythonRuntime,
  installManagedPythonRuntime,
  managedPythonRuntimeLayout,
  managedUvPath,
  pruneManagedPythonRuntimes,
  type RuntimeInstallProgress,
  readManagedPythonRuntimeStatus,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { killNodeWhen, runNode } from './support/child.js';
import { catchError } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { packageDir } from './support/package.js';
import { httpServer } from './support/servers.js';
import { makeFolder, removeFolder, temporaryFolder } from './support/temp.js';

// Installations on a PATH that holds Node alone: uv from the configured package index, Python from a mirror of the test.

const cliVersion = '0.2.0';
const folder = makeFolder();
const nodeAlone = join(folder, 'bin');
const provisioned = join(folder, 'runtime');
const archive = join(folder, 'python.tar.gz');
const downloads = join(folder, 'downloads.json');

/** Serves the list of downloads, and passes requests for the archive to `respond`. */
async function startMirror(
  respond: (response: ServerResponse) => void = (response) => response.end(readFileSync(archive)),
  list: () => string = () => readFileSync(downloads, 'utf8'),
) {
  const server = await httpServer(({ url }, response) => {
    if (url.endsWith('/downloads.json')) response.end(list());
    else if (url.endsWith('.tar.gz')) respond(response);
    else response.writeHead(404).end();
  });
  const env = {
    UV_PYTHON_INSTALL_MIRROR: server.baseUrl,
    UV_PYTHON_DOWNLOADS_JSON_URL: `${server.baseUrl}/downloads.json`,
  };
  const asked = () => server.requests.some(({ url }) => url.endsWith('.tar.gz'));
  return { ...server, env, asked };
}

/** Sends the beginning of a response that never ends. */
function stall(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 1e6 });
  response.write('beginning');
}

/** The environment with Node alone in PATH, and without variables of KTX. */
function environment(overrides: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('KTX_'));
  return { ...Object.fromEntries(inherited), PATH: nodeAlone, UV_CACHE_DIR: join(folder, 'cache'), ...overrides };
}

function install(runtimeRoot: string, overrides: NodeJS.ProcessEnv, more: object = {}) {
  const env = environment(overrides);
  return installManagedPythonRuntime({ cliVersion, runtimeRoot, env, features: ['core'], ...more });
}

/** Source of a process that installs, which prints code, message and hint of a failure. */
function installSource(runtimeRoot: string, env: NodeJS.ProcessEnv): string {
  const options = JSON.stringify({ cliVersion, runtimeRoot, env: environment(env), features: ['core'] });
  return `import { installManagedPythonRuntime } from '@kaelio/ktx';
    await installManagedPythonRuntime(${options}).catch((e) => console.log(e.code, e.message, e.hint));`;
}

/** Creates a root that has the provisioned uv and nothing else. */
function rootWithUv(): string {
  const root = join(temporaryFolder(), 'runtime');
  cpSync(join(provisioned, 'tools/uv'), join(root, 'tools/uv'), { recursive: true });
  return root;
}

const pythonsIn = (root: string) => listFolder(join(root, 'tools/python')).filter((name) => /^cpython-\d/.test(name));
const listFolder = (path: string) => (existsSync(path) ? readdirSync(path) : []);

describe.runIf(process.platform === 'linux')('a machine with Node alone', { timeout: 600_000 }, () => {
  beforeAll(() => {
    mkdirSync(nodeAlone);
    symlinkSync(process.execPath, join(nodeAlone, 'node'));
    execFileSync('python3', [join(packageDir, 'scripts/pack-python.py'), folder]);
  });

  afterAll(async () => {
    await stopManagedPythonDaemon({ cliVersion, runtimeRoot: provisioned });
    removeFolder(folder);
  });

  it('gets uv and Python below the root, with their downloads as phases', async () => {
    const progress: RuntimeInstallProgress[] = [];
    const { env } = await startMirror();
    await install(provisioned, env, { onProgress: (step: RuntimeInstallProgress) => progress.push(step) });
    const messages = progress.map(({ phase, message }) => `${phase}: ${message}`);
    const steps = [
      'tools: Downloading uv ',
      'tools: Downloading Python',
      'environment: Creating',
      'packages: Installing',
    ];
    const found = steps.map((step) => messages.findIndex((message) => message.startsWith(step)));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found).not.toContain(-1);
    expect(existsSync(managedUvPath({ runtimeRoot: provisioned }))).toBe(true);
    const layout = managedPythonRuntimeLayout({ cliVersion, runtimeRoot: provisioned });
    const script = 'import sys; print(sys.base_prefix)';
    const base = execFileSync(layout.pythonPath, ['-c', script], { encoding: 'utf8' }).trim();
    expect(base.startsWith(join(provisioned, 'tools/python/cpython-'))).toBe(true);
  });

  it('gets answers of the daemon', async () => {
    vi.stubEnv('KTX_RUNTIME_ROOT', provisioned);
    const request = createManagedDaemonHttpJsonRunner({ cliVersion, installPolicy: 'never', io: recordingIo().io });
    const statement = { sql: 'SELECT 1', dialect: 'postgres' };
    await expect(request('/sql/validate-read-only', statement)).resolves.toMatchObject({ ok: true });
  });

  it('has a doctor that names the provisioned uv, or that it will be downloaded', async () => {
    const options = { cliVersion, env: environment({}) };
    const checks = await doctorManagedPythonRuntime({ ...options, runtimeRoot: provisioned });
    expect(checks.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass']);
    expect(checks[0]?.detail).toContain(managedUvPath({ runtimeRoot: provisioned }));
    const [missing] = await doctorManagedPythonRuntime({ ...options, runtimeRoot: join(temporaryFolder(), 'root') });
    expect(missing).toMatchObject({ status: 'pass', detail: expect.stringMatching(/^uv [\d.]+ will be downloaded$/) });
  });

  it('reinstalls and adds features without downloading the tools again', async () => {
    const server = await startMirror();
    const steps: string[] = [];
    const onProgress = ({ phase }: RuntimeInstallProgress) => steps.push(phase);
    await install(provisioned, { UV_OFFLINE: '1' }, { force: true, onProgress });
    expect(steps).not.toContain('tools');
    await install(provisioned, server.env, { features: ['duckdb'], onProgress });
    expect(steps).not.toContain('tools');
    expect(server.requests).toEqual([]);
    await expect(readManagedPythonRuntimeStatus({ cliVersion, runtimeRoot: provisioned })).resolves.toMatchObject({
      kind: 'ready',
      manifest: { features: ['core', 'duckdb'] },
    });
  });

  it('prunes tools that are not needed', async () => {
    const [uv, python] = ['tools/uv/0.0.1', 'tools/python/cpython-3.10.0-linux'].map((name) => join(provisioned, name));
    for (const path of [uv, python]) mkdirSync(path as string);
    const pruned = await pruneManagedPythonRuntimes({ cliVersion, runtimeRoot: provisioned });
    expect(pruned.removed).toEqual([python, uv]);
    expect(existsSync(managedUvPath({ runtimeRoot: provisioned }))).toBe(true);
    await expect(readManagedPythonRuntimeStatus({ cliVersion, runtimeRoot: provisioned })).resolves.toMatchObject({
      kind: 'ready',
    });
  });

  it('is repaired by the next installation after kill -9 at each step', async () => {
    const root = join(temporaryFolder(), 'runtime');
    const layout = managedPythonRuntimeLayout({ cliVersion, runtimeRoot: root });
    const stalled = await httpServer((_request, response) => stall(response));
    await killWhen(root, { UV_DEFAULT_INDEX: stalled.baseUrl }, () => stalled.requests.length > 0);
    cpSync(join(provisioned, 'tools/uv'), join(root, 'tools/uv'), { recursive: true });
    const stalledMirror = await startMirror(stall);
    await killWhen(root, stalledMirror.env, stalledMirror.asked);
    expect(pythonsIn(root)).toEqual([]);

    const mirror = await startMirror();
    const pythons = join(root, 'tools/python');
    const temporary = () => listFolder(join(pythons, '.temp')).map((name) => join(pythons, '.temp', name));
    await killWhen(root, mirror.env, () => temporary().some((path) => existsSync(join(path, 'python/lib'))));
    const leftovers = temporary();
    await killWhen(root, mirror.env, () => pythonsIn(root).length > 0);
    expect(leftovers.filter((path) => existsSync(path))).toEqual([]);
    const environments = () =>
      listFolder(join(layout.versionDir, 'venvs')).map((id) => join(layout.versionDir, 'venvs', id));
    await killWhen(root, mirror.env, () => environments().some((path) => existsSync(join(path, 'pyvenv.cfg'))));
    await expect(readManagedPythonRuntimeStatus({ cliVersion, runtimeRoot: root })).resolves.toMatchObject({
      kind: 'missing',
    });

    await expect(install(root, mirror.env)).resolves.toMatchObject({ status: 'installed' });
    const checks = await doctorManagedPythonRuntime({ cliVersion, runtimeRoot: root, env: environment({}) });
    expect(checks.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass']);
    expect(environments()).toHaveLength(1);
  });

  /** Runs an installation in a process, and kills it as soon as `condition` holds. */
  async function killWhen(root: string, env: NodeJS.ProcessEnv, condition: () => boolean): Promise<void> {
    await killNodeWhen(installSource(root, env), condition);
  }

  it('is left without a runtime by an aborted download, and no server is asked again', async () => {
    const root = join(temporaryFolder(), 'runtime');
    const controller = new AbortController();
    const stalled = await httpServer((_request, response) => {
      stall(response);
      controller.abort(new Error('changed my mind'));
    });
    const env = { UV_DEFAULT_INDEX: stalled.baseUrl };
    await expect(install(root, env, { signal: controller.signal })).rejects.toThrow('changed my mind');
    expect(stalled.requests).toHaveLength(1);
    await expect(readManagedPythonRuntimeStatus({ cliVersion, runtimeRoot: root })).resolves.toMatchObject({
      kind: 'missing',
    });
  });

  describe('without a tool that can be downloaded, fails with both ways out and the next command:', () => {
    const root = () => join(temporaryFolder(), 'runtime');

    it.each<[string, (root: string) => Promise<NodeJS.ProcessEnv>, () => string, RegExp, RegExp]>([
      ['indexes are disabled', async () => ({ UV_OFFLINE: '1' }), root, /disabled by the settings/, /UV_FIND_LINKS/],
      [
        'the index does not have uv',
        async () => ({
          UV_DEFAULT_INDEX: (await httpServer((_request, response) => response.writeHead(404).end())).baseUrl,
        }),
        root,
        /answered with status 404/,
        /UV_DEFAULT_INDEX/,
      ],
      [
        'the index stalls',
        async () => ({
          UV_DEFAULT_INDEX: (await httpServer((_request, response) => stall(response))).baseUrl,
          KTX_INSTALL_TIMEOUT: '1',
        }),
        root,
        /timed out after 1000 ms/,
        /UV_DEFAULT_INDEX/,
      ],
      [
        'the mirror does not have Python',
        async () => (await startMirror((response) => response.writeHead(404).end())).env,
        rootWithUv,
        /^uv cannot download Python: Failed to install cpython-\S+: .*404/,
        /UV_PYTHON_INSTALL_MIRROR/,
      ],
      [
        'the checksum of Python is wrong',
        async () =>
          (
            await startMirror(undefined, () =>
              readFileSync(downloads, 'utf8').replace(/"sha256": ".{8}/, '"sha256": "00000000'),
            )
          ).env,
        rootWithUv,
        /Hash mismatch/,
        /UV_PYTHON_INSTALL_MIRROR/,
      ],
      [
        'the mirror stalls',
        async () => ({ ...(await startMirror(stall)).env, KTX_INSTALL_TIMEOUT: '3' }),
        rootWithUv,
        /took longer than 3000 ms/,
        /UV_PYTHON_INSTALL_MIRROR/,
      ],
      [
        'downloads of Python are disabled',
        async () => ({ UV_PYTHON_DOWNLOADS: 'never' }),
        rootWithUv,
        /Python downloads are not allowed/,
        /UV_PYTHON_INSTALL_MIRROR/,
      ],
    ])('%s', async (_what, prepare, createRoot, reason, way) => {
      const runtimeRoot = createRoot();
      const env = await prepare(runtimeRoot);
      const error = await catchError(() => install(runtimeRoot, env));
      expect(error.code).toBe('KTX_RUNTIME_INSTALLER_MISSING');
      expect(error.message).toMatch(reason);
      expect(error.message).toMatch(/Install (uv .* or )?Python.*, then run: ktx runtime install --yes/);
      expect(error.hint).toMatch(way);
      expect(pythonsIn(runtimeRoot)).toEqual([]);
      await expect(readManagedPythonRuntimeStatus({ cliVersion, runtimeRoot })).resolves.toMatchObject({
        kind: 'missing',
      });
    });

    it('the wheel of uv has a wrong checksum', async () => {
      const runtimeRoot = root();
      const pin = readFileSync(join(packageDir, 'src/runtime/provision/uv.json'), 'utf8');
      const files = [...pin.matchAll(/"(uv-[^"]*\.whl)"/g)].map(([, file]) => `<a href="/files/${file}">${file}</a>`);
      const index = await httpServer(({ url }, response) =>
        response.end(url.endsWith('.whl') ? 'other' : files.join('')),
      );
      const error = await catchError(() => install(runtimeRoot, { UV_DEFAULT_INDEX: `${index.baseUrl}/simple` }));
      expect(error.code).toBe('KTX_ASSET_CHECKSUM');
      expect(listFolder(join(runtimeRoot, 'tools/uv'))).toEqual(['provision.lock']);
    });
  });

  it('downloads both tools through the proxy', async () => {
    const proxy = await httpServer((_request, response) => response.writeHead(404).end());
    const variables = { HTTP_PROXY: proxy.baseUrl, http_proxy: proxy.baseUrl, NO_PROXY: '', no_proxy: '' };
    const uv = { ...variables, UV_DEFAULT_INDEX: 'http://index.invalid/simple' };
    const withoutUv = await runNode(installSource(join(temporaryFolder(), 'runtime'), uv), { ...process.env, ...uv });
    const list = await startMirror();
    const python = {
      ...list.env,
      ...variables,
      NO_PROXY: '127.0.0.1',
      UV_PYTHON_INSTALL_MIRROR: 'http://mirror.invalid',
    };
    const withoutPython = await runNode(installSource(rootWithUv(), python), { ...process.env, ...python });
    expect(proxy.requests.map(({ url }) => url)).toEqual([
      'http://index.invalid/simple/uv/',
      'http://mirror.invalid/0/python.tar.gz',
    ]);
    for (const { stdout } of [withoutUv, withoutPython]) expect(stdout).toMatch(/^KTX_RUNTIME_INSTALLER_MISSING .*404/);
  });

  it('with a uv in PATH lacks only Python, which is downloaded to the same folder', async () => {
    const root = join(temporaryFolder(), 'runtime');
    const mirror = await startMirror();
    const path = join(temporaryFolder(), 'bin');
    mkdirSync(path);
    symlinkSync(managedUvPath({ runtimeRoot: provisioned }), join(path, 'uv'));
    // No package can be installed, so that the test ends after the download.
    const env = { ...mirror.env, PATH: path, UV_DEFAULT_INDEX: `${mirror.baseUrl}/simple` };
    const error = await catchError(() => install(root, env));
    expect(error.message).toMatch(/^Python runtime install failed: /);
    expect(listFolder(join(root, 'tools'))).not.toContain('uv');
    expect(pythonsIn(root)).toHaveLength(2); // one is a link
  });

  it('reports a root that cannot be written', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'tools'), 'mine');
    const error = await catchError(() => install(root, {}));
    expect(error).toMatchObject({ code: 'KTX_FILE_IO', hint: expect.stringContaining('KTX_RUNTIME_ROOT') });
    expect(readFileSync(join(root, 'tools'), 'utf8')).toBe('mine');
  });
});
