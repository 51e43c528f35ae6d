import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { allocateDaemonPort } from '@kaelio/ktx';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ktx, start, temporaryDir } from '../support/ktx.js';
import { fakeLooker, lookerConnection } from '../support/looker.js';
import { writeProject } from '../support/shop.js';

const TOKEN = 'hunter3-of-the-daemon';

/** The real daemon, run by hand with a token. */
async function daemonByHand(): Promise<number> {
  const { manifest } = JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout);
  const port = await allocateDaemonPort();
  const words = ['serve-http', '--host', '127.0.0.1', '--port', String(port)];
  const daemon = start(manifest.python.daemonExecutable, words, { env: { KTX_DAEMON_TOKEN: TOKEN } });
  onTestFinished(async () => {
    daemon.child.kill();
    await daemon.finished;
  });
  const health = () => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok);
  await vi.waitUntil(() => health().catch(() => false), { timeout: 60_000 });
  return port;
}

/** What ends TLS in front of it, as on another machine; gives its address and the certificate to trust. */
async function behindTls(daemonPort: number): Promise<{ url: string; certificate: string }> {
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
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files]);
  expect(made.status, String(made.stderr)).toBe(0);
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

// Elsewhere the system's own store of certificates decides whom to trust.
describe.runIf(process.platform === 'linux')('a remote daemon over HTTPS', () => {
  it('is used with its token, where the managed one is not even installed', async () => {
    const cwd = await temporaryDir();
    const { yaml, env: variables } = lookerConnection(await fakeLooker(), '{ lk_warehouse: warehouse }');
    await mkdir(join(cwd, 'project'));
    await writeProject(join(cwd, 'project'), `${yaml}  warehouse: { driver: postgres }\n`);
    const remote = await behindTls(await daemonByHand());
    const env = {
      ...variables,
      KTX_RUNTIME_ROOT: join(cwd, 'no runtime'),
      KTX_DAEMON_URL: remote.url,
      SSL_CERT_FILE: remote.certificate,
    };
    const run = ['ingest', 'run', '--connection-id', 'looker', '--adapter', 'looker', '--no-input', '--json'];
    const ingest = (token: string | undefined) =>
      ktx(run, { cwd: join(cwd, 'project'), env: { ...env, KTX_DAEMON_TOKEN: token } });
    const done = await ingest(TOKEN);
    expect(done.code, done.stderr).toBe(0);
    const { syncId } = JSON.parse(done.stdout);
    const explore = join('raw-sources', 'looker', 'looker', syncId, 'explores', 'shop.e00.json');
    expect(JSON.parse(await readFile(join(cwd, 'project', explore), 'utf8')).physicalTables[0]).toMatchObject({
      ok: true,
      canonical_table: 'public.orders',
      connection: 'warehouse',
    });

    for (const token of [undefined, 'hunter3-of-another']) {
      const refused = await ingest(token);
      expect(JSON.parse(refused.stdout).error).toMatchObject({
        code: 'KTX_HTTP_STATUS',
        message: expect.stringContaining('failed with 401'),
      });
      expect(refused.stderr).toContain('\nNext: Set KTX_DAEMON_TOKEN to the token of that daemon');
      expect(refused.stdout + refused.stderr).not.toContain('hunter3');
    }
  });
});
