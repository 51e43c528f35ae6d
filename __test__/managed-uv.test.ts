import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureManagedUv, type ManagedUvOptions, managedUvPath } from '@kaelio/ktx';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { killNodeWhen, runNode } from './support/child.js';
import { catchError } from './support/failure.js';
import { packageDir } from './support/package.js';
import { createRefusingUrl, httpServer } from './support/servers.js';
import { makeFolder, removeFolder, temporaryFolder } from './support/temp.js';

const runFile = promisify(execFile);
const pin = JSON.parse(readFileSync(join(packageDir, 'src/runtime/provision/uv.json'), 'utf8')) as {
  version: string;
  wheels: Record<string, { file: string; bytes: number }>;
};
const [x64, arm64] = ['x64', 'arm64'];
const files = Object.values(pin.wheels).map(({ file }) => file);
const page = files.map((file) => `<a href="../../files/${file}#sha256=0">${file}</a>`).join('\n');
const linux = { platform: 'linux', arch: x64, env: {} };

/** Files below `tools/uv`, without the lock. */
function listProvisioned(runtimeRoot: string): string[] {
  const folder = join(runtimeRoot, 'tools', 'uv');
  const all = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return all.filter((name) => name !== 'provision.lock').map((name) => name.replaceAll('\\', '/'));
}

describe('managedUvPath', () => {
  it.each([
    ['linux', x64, {}, '/home/ada/.local/share/kaelio/ktx/runtime', 'uv'],
    ['linux', arm64, { XDG_DATA_HOME: '/data' }, '/data/kaelio/ktx/runtime', 'uv'],
    ['darwin', arm64, {}, '/home/ada/Library/Application Support/kaelio/ktx/runtime', 'uv'],
    ['darwin', x64, { KTX_RUNTIME_ROOT: '/own//root/' }, '/own/root', 'uv'],
    ['win32', x64, { LOCALAPPDATA: '/local' }, '/local/Kaelio/KTX/runtime', 'uv.exe'],
    ['win32', arm64, {}, '/home/ada/AppData/Local/Kaelio/KTX/runtime', 'uv.exe'],
  ])('is below the root of %s on %s', (platform, arch, env, root, file) => {
    const path = managedUvPath({ platform, arch, env, homeDir: '/home/ada' });
    expect(path).toBe(join(root, 'tools', 'uv', pin.version, file));
  });

  it('defaults to the platform of this machine, and accesses no files', () => {
    const runtimeRoot = join(temporaryFolder(), 'root');
    expect(managedUvPath({ runtimeRoot })).toBe(
      join(runtimeRoot, 'tools', 'uv', pin.version, process.platform === 'win32' ? 'uv.exe' : 'uv'),
    );
    expect(existsSync(runtimeRoot)).toBe(false);
  });

  it.each<[string, string, ManagedUvOptions]>([
    ['KTX_RUNTIME_INSTALLER_MISSING', 'freebsd', { platform: 'freebsd', arch: x64 }],
    ['KTX_RUNTIME_INSTALLER_MISSING', 's390x', { platform: 'linux', arch: 's390x' }],
    ['KTX_ENV_INVALID', 'KTX_RUNTIME_ROOT', { env: { KTX_RUNTIME_ROOT: 'relative' } }],
    ['KTX_ARGUMENT_INVALID', 'runtimeRoot', { runtimeRoot: 'relative' }],
    ['KTX_ARGUMENT_INVALID', 'options.arch', { arch: 64 as never }],
    ['KTX_ARGUMENT_INVALID', 'options', 7 as never],
  ])('throws %s with %s in the message', async (code, part, options) => {
    const error = await catchError(() => managedUvPath(options));
    expect(error).toMatchObject({ code, message: expect.stringContaining(part) });
    expect(await catchError(() => ensureManagedUv(options))).toMatchObject({ code, message: error.message });
  });
});

describe('ensureManagedUv', () => {
  it('sends credentials to the index, and writes nothing on a checksum mismatch', async () => {
    const runtimeRoot = temporaryFolder();
    const server = await httpServer((request, response) =>
      response.end(request.url.endsWith('.whl') ? 'not the wheel' : page),
    );
    const index = `${server.baseUrl.replace('//', '//ada:s3cret@')}/root/simple`;
    const error = await catchError(() => ensureManagedUv({ ...linux, runtimeRoot, env: { UV_DEFAULT_INDEX: index } }));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.hint).toContain('KTX_UV');
    expect(error.message).not.toContain('s3cret');
    expect(listProvisioned(runtimeRoot)).toEqual([]);
    const received = server.requests.map(({ url, headers }) => [url, headers.authorization]);
    const authorization = `Basic ${btoa('ada:s3cret')}`;
    expect(received[0]).toEqual(['/root/simple/uv/', authorization]);
    expect(received[1]).toEqual([expect.stringMatching(/^\/root\/files\/uv-.*x86_64.*\.whl$/), authorization]);
    expect(received).toHaveLength(2);
  });

  it.each([
    ['has no uv', 404, '', 'status 404'],
    ['rejects the credentials', 401, '', 'status 401'],
    ['has only other versions', 200, '<a href="uv-0.0.5-py3-none-win_amd64.whl">x</a>', 'does not list uv-'],
    ['responds with another format', 200, '{"files": 7}', 'does not list uv-'],
  ])('reports that the index %s', async (_what, status, body, reason) => {
    const runtimeRoot = temporaryFolder();
    const server = await httpServer((_request, response) => response.writeHead(status).end(body));
    const index = `${server.baseUrl.replace('//', '//ada:s3cret@')}/simple/`;
    const error = await catchError(() => ensureManagedUv({ ...linux, runtimeRoot, env: { PIP_INDEX_URL: index } }));
    expect(error.code).toBe('KTX_RUNTIME_INSTALL_FAILED');
    expect(error.message).toContain(reason);
    expect(error.message).toContain(`***@127.0.0.1:${server.port}/simple/uv/`);
    expect(error.message).not.toContain('s3cret');
    expect(listProvisioned(runtimeRoot)).toEqual([]);
  });

  it('reports an unreachable index with the next step', async () => {
    const runtimeRoot = temporaryFolder();
    const index = `${await createRefusingUrl()}/simple`;
    const error = await catchError(() => ensureManagedUv({ ...linux, runtimeRoot, env: { UV_INDEX_URL: index } }));
    expect(error.code).toBe('KTX_RUNTIME_INSTALL_FAILED');
    expect(error.message).toMatch(/could not connect to 127\.0\.0\.1:\d+: /);
    expect(error.hint).toMatch(/UV_DEFAULT_INDEX.*KTX_UV/);
    expect(listProvisioned(runtimeRoot)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a Buffer', (text: string) => Buffer.from(text)],
    ['a promise of a Uint8Array', async (text: string) => new TextEncoder().encode(text)],
    ['a promise of an ArrayBuffer', async (text: string) => new TextEncoder().encode(text).slice().buffer],
  ])('fetches through fetchArtifact, which returns %s', async (_what, bytes) => {
    const urls: string[] = [];
    const fetchArtifact = (url: string) => {
      urls.push(url);
      return (bytes as (text: string) => Uint8Array)(url.endsWith('.whl') ? 'not the wheel' : page);
    };
    const env = { UV_DEFAULT_INDEX: 'https://ada:s3cret@index.invalid/simple' };
    const error = await catchError(() =>
      ensureManagedUv({ platform: 'win32', arch: arm64, env, runtimeRoot: temporaryFolder(), fetchArtifact }),
    );
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(urls).toEqual([
      'https://ada:s3cret@index.invalid/simple/uv/',
      `https://ada:s3cret@index.invalid/files/uv-${pin.version}-py3-none-win_arm64.whl`,
    ]);
  });

  it('has the error of fetchArtifact as its cause', async () => {
    const cause = new Error('no route to https://ada:s3cret@index.invalid');
    const fetchArtifact = () => Promise.reject(cause);
    const error = await catchError(() => ensureManagedUv({ ...linux, runtimeRoot: temporaryFolder(), fetchArtifact }));
    expect(error).toMatchObject({ code: 'KTX_RUNTIME_INSTALL_FAILED', cause });
    expect(error.message).toContain('no route to https://***@index.invalid');
  });

  it.each([undefined, null, 'text', 7, {}, [1]])('rejects the result %j of fetchArtifact', async (value) => {
    const fetchArtifact = () => value as never;
    const error = await catchError(() => ensureManagedUv({ ...linux, runtimeRoot: temporaryFolder(), fetchArtifact }));
    expect(error.message).toContain('fetchArtifact must return a Uint8Array or an ArrayBuffer');
  });

  it.runIf(process.platform !== 'win32')('reports a root that cannot be written', async () => {
    const runtimeRoot = join(temporaryFolder(), 'file');
    writeFileSync(runtimeRoot, '');
    const error = await catchError(() => ensureManagedUv({ ...linux, runtimeRoot }));
    expect(error).toMatchObject({ code: 'KTX_FILE_IO', hint: expect.stringContaining('KTX_RUNTIME_ROOT') });
    expect(error.message).toContain(runtimeRoot);
  });
});

describe('the real uv of the configured package index', { timeout: 300_000 }, () => {
  const folder = makeFolder();
  afterAll(() => removeFolder(folder));
  const wheels = join(folder, 'wheels');
  const first = join(folder, 'first');
  let env: NodeJS.ProcessEnv = { ...process.env };
  let unreachable: string | undefined;

  beforeAll(async () => {
    env = { ...process.env, ...(await pipIndex()) };
    mkdirSync(wheels);
    try {
      await ensureManagedUv({ runtimeRoot: first, env, fetchArtifact: (url) => fetchAndSave(url) });
    } catch (error) {
      if (!/cannot be fetched/.test(String(error))) throw error;
      unreachable = String(error);
    }
  }, 300_000);

  /** Fetches like a host, and saves the wheel. */
  async function fetchAndSave(address: string): Promise<Uint8Array> {
    const url = new URL(address);
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    [url.username, url.password] = ['', ''];
    const headers = credentials === ':' ? {} : { authorization: `Basic ${btoa(credentials)}` };
    const response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (url.pathname.endsWith('.whl')) writeFileSync(join(wheels, basename(url.pathname)), bytes);
    return bytes;
  }

  function requireIndex(context: TestContext): void {
    context.skip(unreachable !== undefined, `no package index is reachable: ${unreachable}`);
  }

  async function expectToRun(runtimeRoot: string): Promise<void> {
    const path = managedUvPath({ runtimeRoot });
    expect((await runFile(path, ['--version'])).stdout).toMatch(
      new RegExp(`^uv ${pin.version.replaceAll('.', '\\.')} `),
    );
    expect(listProvisioned(runtimeRoot).sort()).toEqual([pin.version, `${pin.version}/${basename(path)}`]);
  }

  it('is fetched by the host once, and runs', async (context) => {
    requireIndex(context);
    await expectToRun(first);
    const fetchArtifact = () => Promise.reject(new Error('fetched again'));
    await expect(ensureManagedUv({ runtimeRoot: first, env, fetchArtifact })).resolves.toBe(
      managedUvPath({ runtimeRoot: first }),
    );
  });

  it('is fetched natively', async (context) => {
    requireIndex(context);
    const runtimeRoot = temporaryFolder();
    await ensureManagedUv({ runtimeRoot, env });
    await expectToRun(runtimeRoot);
  });

  it('is downloaded again if it was modified or is not executable', async (context) => {
    requireIndex(context);
    const runtimeRoot = temporaryFolder();
    const path = managedUvPath({ runtimeRoot });
    const offline = { UV_FIND_LINKS: wheels, UV_OFFLINE: '1' };
    const executable = readFileSync(managedUvPath({ runtimeRoot: first }));
    mkdirSync(dirname(path), { recursive: true });
    executable.writeUInt8(executable.readUInt8(executable.length - 1) ^ 1, executable.length - 1);
    writeFileSync(path, executable, { mode: 0o755 });
    await ensureManagedUv({ runtimeRoot, env: offline });
    await expectToRun(runtimeRoot);
    chmodSync(path, 0o600);
    await ensureManagedUv({ runtimeRoot, env: offline });
    await expectToRun(runtimeRoot);
  });

  it('is fetched once by two concurrent processes', async (context) => {
    requireIndex(context);
    const runtimeRoot = temporaryFolder();
    const server = await startWheelIndex();
    const source = `import * as ktx from '@kaelio/ktx'; await ktx.ensureManagedUv(${JSON.stringify({
      runtimeRoot,
      env: { PIP_INDEX_URL: `${server.baseUrl}/simple` },
    })})`;
    const results = await Promise.all([runNode(source), runNode(source)]);
    expect(results).toEqual(results.map(() => ({ code: 0, signal: null, stdout: '', stderr: '' })));
    expect(server.requests.filter(({ url }) => url.endsWith('.whl'))).toHaveLength(1);
    await expectToRun(runtimeRoot);
  });

  it('is repaired after kill -9 during the download and during the write', async (context) => {
    requireIndex(context);
    const runtimeRoot = temporaryFolder();
    const stalled = await startWheelIndex({ half: true });
    await killWhen(runtimeRoot, { PIP_INDEX_URL: `${stalled.baseUrl}/simple` }, () =>
      stalled.requests.some(({ url }) => url.endsWith('.whl')),
    );
    expect(listProvisioned(runtimeRoot)).toEqual([]);
    const offline = { UV_FIND_LINKS: wheels, UV_OFFLINE: '1' };
    await killWhen(runtimeRoot, offline, () => listProvisioned(runtimeRoot).some((name) => name.includes('/.tmp-')));
    expect(listProvisioned(runtimeRoot)).toEqual([pin.version, expect.stringContaining('/.tmp-')]);
    await ensureManagedUv({ runtimeRoot, env: offline });
    await expectToRun(runtimeRoot);
  });

  /** Starts an index with the wheel of this machine; with `half` the download stalls in the middle. */
  function startWheelIndex({ half = false } = {}): ReturnType<typeof httpServer> {
    return httpServer((request, response) => {
      if (!request.url.endsWith('.whl')) return void response.end(page);
      const bytes = readFileSync(join(wheels, basename(request.url)));
      response.writeHead(200, { 'content-length': bytes.length });
      if (half) response.write(bytes.subarray(0, bytes.length / 2));
      else response.end(bytes);
    });
  }
});

/** Runs `ensureManagedUv` in a process, and kills it as soon as `condition` holds. */
async function killWhen(runtimeRoot: string, env: NodeJS.ProcessEnv, condition: () => boolean): Promise<void> {
  const call = `await ktx.ensureManagedUv(${JSON.stringify({ runtimeRoot, env })})`;
  const source = `import * as ktx from '@kaelio/ktx'; ${call}`;
  await killNodeWhen(source, condition);
}

/** Index of the pip configuration, unless a variable sets one. */
async function pipIndex(): Promise<NodeJS.ProcessEnv> {
  const isSet = ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'PIP_INDEX_URL'].some((name) => process.env[name]);
  if (isSet) return {};
  try {
    const { stdout } = await runFile('python3', ['-m', 'pip', 'config', 'get', 'global.index-url']);
    return { PIP_INDEX_URL: stdout.trim() };
  } catch {
    return {};
  }
}
