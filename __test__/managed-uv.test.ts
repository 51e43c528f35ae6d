import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureManagedUv, type ManagedUvOptions, managedUvPath } from '@kaelio/ktx';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { endChild, runNode } from './support/child.js';
import { errorOf } from './support/failure.js';
import { packageDir } from './support/package.js';
import { deadUrl, httpServer } from './support/servers.js';
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

/** What is below `tools/uv`, but for the lock. */
function provisioned(runtimeRoot: string): string[] {
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

  it('is that of this machine without options, and touches no disk', () => {
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
  ])('throws %s and names %s', async (code, named, options) => {
    const error = await errorOf(() => managedUvPath(options));
    expect(error).toMatchObject({ code, message: expect.stringContaining(named) });
    expect(await errorOf(() => ensureManagedUv(options))).toMatchObject({ code, message: error.message });
  });
});

describe('ensureManagedUv', () => {
  it('asks the index with its credentials, and writes nothing where the checksum is another one', async () => {
    const runtimeRoot = temporaryFolder();
    const server = await httpServer((request, response) =>
      response.end(request.url.endsWith('.whl') ? 'not the wheel' : page),
    );
    const index = `${server.baseUrl.replace('//', '//ada:s3cret@')}/root/simple`;
    const error = await errorOf(() => ensureManagedUv({ ...linux, runtimeRoot, env: { UV_DEFAULT_INDEX: index } }));
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(error.hint).toContain('KTX_UV');
    expect(error.message).not.toContain('s3cret');
    expect(provisioned(runtimeRoot)).toEqual([]);
    const asked = server.requests.map(({ url, headers }) => [url, headers.authorization]);
    const authorization = `Basic ${btoa('ada:s3cret')}`;
    expect(asked[0]).toEqual(['/root/simple/uv/', authorization]);
    expect(asked[1]).toEqual([expect.stringMatching(/^\/root\/files\/uv-.*x86_64.*\.whl$/), authorization]);
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['has no uv', 404, '', 'status 404'],
    ['refuses the credentials', 401, '', 'status 401'],
    ['has other versions alone', 200, '<a href="uv-0.0.5-py3-none-win_amd64.whl">x</a>', 'does not list uv-'],
    ['answers with something else', 200, '{"files": 7}', 'does not list uv-'],
  ])('says that the index %s', async (_what, status, body, reason) => {
    const runtimeRoot = temporaryFolder();
    const server = await httpServer((_request, response) => response.writeHead(status).end(body));
    const index = `${server.baseUrl.replace('//', '//ada:s3cret@')}/simple/`;
    const error = await errorOf(() => ensureManagedUv({ ...linux, runtimeRoot, env: { PIP_INDEX_URL: index } }));
    expect(error.code).toBe('KTX_RUNTIME_INSTALL_FAILED');
    expect(error.message).toContain(reason);
    expect(error.message).toContain(`***@127.0.0.1:${server.port}/simple/uv/`);
    expect(error.message).not.toContain('s3cret');
    expect(provisioned(runtimeRoot)).toEqual([]);
  });

  it('says that the index cannot be reached, and what to do', async () => {
    const runtimeRoot = temporaryFolder();
    const index = `${await deadUrl()}/simple`;
    const error = await errorOf(() => ensureManagedUv({ ...linux, runtimeRoot, env: { UV_INDEX_URL: index } }));
    expect(error.code).toBe('KTX_RUNTIME_INSTALL_FAILED');
    expect(error.message).toMatch(/could not connect to 127\.0\.0\.1:\d+: /);
    expect(error.hint).toMatch(/UV_DEFAULT_INDEX.*KTX_UV/);
    expect(provisioned(runtimeRoot)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['a Buffer', (text: string) => Buffer.from(text)],
    ['a promise of a Uint8Array', async (text: string) => new TextEncoder().encode(text)],
    ['a promise of an ArrayBuffer', async (text: string) => new TextEncoder().encode(text).slice().buffer],
  ])('fetches through fetchArtifact, which returns %s', async (_what, bytes) => {
    const asked: string[] = [];
    const fetchArtifact = (url: string) => {
      asked.push(url);
      return (bytes as (text: string) => Uint8Array)(url.endsWith('.whl') ? 'not the wheel' : page);
    };
    const env = { UV_DEFAULT_INDEX: 'https://ada:s3cret@index.invalid/simple' };
    const error = await errorOf(() =>
      ensureManagedUv({ platform: 'win32', arch: arm64, env, runtimeRoot: temporaryFolder(), fetchArtifact }),
    );
    expect(error.code).toBe('KTX_ASSET_CHECKSUM');
    expect(asked).toEqual([
      'https://ada:s3cret@index.invalid/simple/uv/',
      `https://ada:s3cret@index.invalid/files/uv-${pin.version}-py3-none-win_arm64.whl`,
    ]);
  });

  it('keeps what fetchArtifact throws as the cause', async () => {
    const cause = new Error('no route to https://ada:s3cret@index.invalid');
    const fetchArtifact = () => Promise.reject(cause);
    const error = await errorOf(() => ensureManagedUv({ ...linux, runtimeRoot: temporaryFolder(), fetchArtifact }));
    expect(error).toMatchObject({ code: 'KTX_RUNTIME_INSTALL_FAILED', cause });
    expect(error.message).toContain('no route to https://***@index.invalid');
  });

  it.each([undefined, null, 'text', 7, {}, [1]])('refuses %j of fetchArtifact', async (value) => {
    const fetchArtifact = () => value as never;
    const error = await errorOf(() => ensureManagedUv({ ...linux, runtimeRoot: temporaryFolder(), fetchArtifact }));
    expect(error.message).toContain('fetchArtifact must return a Uint8Array or an ArrayBuffer');
  });

  it.runIf(process.platform !== 'win32')('says which root cannot be written', async () => {
    const runtimeRoot = join(temporaryFolder(), 'taken');
    writeFileSync(runtimeRoot, '');
    const error = await errorOf(() => ensureManagedUv({ ...linux, runtimeRoot }));
    expect(error).toMatchObject({ code: 'KTX_FILE_IO', hint: expect.stringContaining('KTX_RUNTIME_ROOT') });
    expect(error.message).toContain(runtimeRoot);
  });
});

describe('the real uv of the index that this machine uses', { timeout: 300_000 }, () => {
  const folder = makeFolder();
  afterAll(() => removeFolder(folder));
  const wheels = join(folder, 'wheels');
  const first = join(folder, 'first');
  let env: NodeJS.ProcessEnv = { ...process.env };
  let unreachable: string | undefined;

  beforeAll(async () => {
    env = { ...process.env, ...(await indexOfPip()) };
    mkdirSync(wheels);
    try {
      await ensureManagedUv({ runtimeRoot: first, env, fetchArtifact: (url) => fetched(url) });
    } catch (error) {
      if (!/cannot be fetched/.test(String(error))) throw error;
      unreachable = String(error);
    }
  }, 300_000);

  /** Fetches as a host does, and keeps the wheel. */
  async function fetched(address: string): Promise<Uint8Array> {
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
    expect(provisioned(runtimeRoot).sort()).toEqual([pin.version, `${pin.version}/${basename(path)}`]);
  }

  it('is fetched by the host, runs, and is not fetched again', async (context) => {
    requireIndex(context);
    await expectToRun(first);
    const fetchArtifact = () => Promise.reject(new Error('asked again'));
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

  it('is downloaded again where it was changed, or may not be run', async (context) => {
    requireIndex(context);
    const runtimeRoot = temporaryFolder();
    const path = managedUvPath({ runtimeRoot });
    const offline = { UV_FIND_LINKS: wheels, UV_OFFLINE: '1' };
    const whole = readFileSync(managedUvPath({ runtimeRoot: first }));
    mkdirSync(dirname(path), { recursive: true });
    whole.writeUInt8(whole.readUInt8(whole.length - 1) ^ 1, whole.length - 1);
    writeFileSync(path, whole, { mode: 0o755 });
    await ensureManagedUv({ runtimeRoot, env: offline });
    await expectToRun(runtimeRoot);
    chmodSync(path, 0o600);
    await ensureManagedUv({ runtimeRoot, env: offline });
    await expectToRun(runtimeRoot);
  });

  it('is fetched once for two processes at once', async (context) => {
    requireIndex(context);
    const runtimeRoot = temporaryFolder();
    const server = await wheelServer();
    const source = `import * as ktx from '@kaelio/ktx'; await ktx.ensureManagedUv(${JSON.stringify({
      runtimeRoot,
      env: { PIP_INDEX_URL: `${server.baseUrl}/simple` },
    })})`;
    const both = await Promise.all([runNode(source), runNode(source)]);
    expect(both).toEqual(both.map(() => ({ code: 0, signal: null, stdout: '', stderr: '' })));
    expect(server.requests.filter(({ url }) => url.endsWith('.whl'))).toHaveLength(1);
    await expectToRun(runtimeRoot);
  });

  it('is repaired after kill -9 in the middle of the download and of the write', async (context) => {
    requireIndex(context);
    const runtimeRoot = temporaryFolder();
    const stalled = await wheelServer({ half: true });
    await killedWhen(runtimeRoot, { PIP_INDEX_URL: `${stalled.baseUrl}/simple` }, () =>
      stalled.requests.some(({ url }) => url.endsWith('.whl')),
    );
    expect(provisioned(runtimeRoot)).toEqual([]);
    const offline = { UV_FIND_LINKS: wheels, UV_OFFLINE: '1' };
    await killedWhen(runtimeRoot, offline, () => provisioned(runtimeRoot).some((name) => name.includes('/.tmp-')));
    expect(provisioned(runtimeRoot)).toEqual([pin.version, expect.stringContaining('/.tmp-')]);
    await ensureManagedUv({ runtimeRoot, env: offline });
    await expectToRun(runtimeRoot);
  });

  /** An index with the wheel of this machine, all of it or its first half and nothing more. */
  function wheelServer({ half = false } = {}): ReturnType<typeof httpServer> {
    return httpServer((request, response) => {
      if (!request.url.endsWith('.whl')) return void response.end(page);
      const bytes = readFileSync(join(wheels, basename(request.url)));
      response.writeHead(200, { 'content-length': bytes.length });
      if (half) response.write(bytes.subarray(0, bytes.length / 2));
      else response.end(bytes);
    });
  }
});

/** Runs `ensureManagedUv` in a process that is killed as soon as `reached` says so. */
async function killedWhen(runtimeRoot: string, env: NodeJS.ProcessEnv, reached: () => boolean): Promise<void> {
  const call = `await ktx.ensureManagedUv(${JSON.stringify({ runtimeRoot, env })})`;
  const source = `import * as ktx from '@kaelio/ktx'; ${call}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: packageDir,
    stdio: 'ignore',
  });
  onTestFinished(() => endChild(child));
  const exited = once(child, 'exit');
  while (child.exitCode === null && !reached()) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
}

/** The index that pip is configured with, where no variable names one. */
async function indexOfPip(): Promise<NodeJS.ProcessEnv> {
  const named = ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'PIP_INDEX_URL'].some((name) => process.env[name]);
  if (named) return {};
  try {
    const { stdout } = await runFile('python3', ['-m', 'pip', 'config', 'get', 'global.index-url']);
    return { PIP_INDEX_URL: stdout.trim() };
  } catch {
    return {};
  }
}
