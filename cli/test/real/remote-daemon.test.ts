import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { allocateDaemonPort } from '@kaelio/ktx';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ktx, start, temporaryDir } from '../support/ktx.js';
import { lookerConnection, startFakeLooker } from '../support/looker.js';
import { writeProject } from '../support/shop.js';

const TOKEN = 'hunter3-of-the-daemon';

/** Starts the real daemon, unmanaged and with a token; returns its port. */
async function startUnmanagedDaemon(): Promise<number> {
  const { manifest } = JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout);
  const port = await allocateDaemonPort();
  const args = ['serve-http', '--host', '127.0.0.1', '--port', String(port)];
  const daemon = start(manifest.python.daemonExecutable, args, { env: { KTX_DAEMON_TOKEN: TOKEN } });
  onTestFinished(async () => {
    daemon.child.kill();
    await daemon.finished;
  });
  const health = () => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok);
  await vi.waitUntil(() => health().catch(() => false), { timeout: 60_000 });
  return port;
}

/** Starts a TLS-terminating proxy in front of the daemon; returns its URL and certificate. */
async function startTlsProxy(daemonPort: number): Promise<{ url: string; certificate: string }> {
  const folder = await temporaryDir();
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = [
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
  ];
  const files = ['-keyout', key, '-out', certificate];
  const openssl = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files]);
  expect(openssl.status, String(openssl.stderr)).toBe(0);
  const sockets: TLSSocket[] = [];
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (socket) => {
    sockets.push(socket);
    const daemon = connect(daemonPort, '127.0.0.1');
    for (const end of [socket, daemon]) end.on('error', () => {});
    socket.pipe(daemon).pipe(socket);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, certificate };
}

// Other platforms use the certificate store of the system, which a test cannot change.
describe.runIf(process.platform === 'linux')('a remote daemon over HTTPS', () => {
  it('is used with its token, without a managed runtime', async () => {
    const cwd = await temporaryDir();
    const { yaml, env: variables } = lookerConnection(await startFakeLooker(), '{ lk_warehouse: warehouse }');
    await mkdir(join(cwd, 'project'));
    await writeProject(join(cwd, 'project'), `${yaml}  warehouse: { driver: postgres }\n`);
    const remote = await startTlsProxy(await startUnmanagedDaemon());
    const env = {
      ...variables,
      KTX_RUNTIME_ROOT: join(cwd, 'no runtime'),
      KTX_DAEMON_URL: remote.url,
      SSL_CERT_FILE: remote.certificate,
    };
    const run = ['ingest', 'run', '--connection-id', 'looker', '--adapter', 'looker', '--no-input', '--json'];
    const ingest = (token: string | undefined) =>
      ktx(run, { cwd: join(cwd, 'project'), env: { ...env, KTX_DAEMON_TOKEN: token } });
    const accepted = await ingest(TOKEN);
    expect(accepted.code, accepted.stderr).toBe(0);
    const { syncId } = JSON.parse(accepted.stdout);
    const explore = join('raw-sources', 'looker', 'looker', syncId, 'explores', 'shop.e00.json');
    expect(JSON.parse(await readFile(join(cwd, 'project', explore), 'utf8')).physicalTables[0]).toMatchObject({
      ok: true,
      canonical_table: 'public.orders',
      connection: 'warehouse',
    });

    for (const token of [undefined, 'hunter3-of-another']) {
      const rejected = await ingest(token);
      expect(JSON.parse(rejected.stdout).error).toMatchObject({
        code: 'KTX_HTTP_STATUS',
        message: expect.stringContaining('failed with 401'),
      });
      expect(rejected.stderr).toContain('\nNext: Set KTX_DAEMON_TOKEN to the token of that daemon');
      expect(rejected.stdout + rejected.stderr).not.toContain('hunter3');
    }
  });
});
