/** As much of the internet as the pages need, on this machine: registries by plain HTTP, and behind a proxy by TLS. */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Answer, createNpmRegistry } from './npm-registry.js';
import { createPythonIndex } from './python-index.js';

const run = promisify(execFile);

/** Open connections to any of the servers. */
const sockets = new Set<Socket>();

/** Names that the pages use for a company's own servers. */
const NPM_HOST = 'npm.example.com';
const PYPI_HOST = 'pypi.example.com';

/** What is served, and where. */
export interface Internet {
  /** URL of the npm registry, without a proxy. */
  registry: string;
  /** URL of the Python index, without a proxy. */
  index: string;
  /** Folder of an uv that was fetched before. */
  uvFolder: string;
  /** URL of the proxy, behind which both hosts are found. */
  proxy: string;
  /** File with the certificate of the authority that signed those of both hosts. */
  authority: string;
  /** What the proxy was asked to connect to, as `host:port`. */
  asked: string[];
  close(): void;
}

/** Builds, packs, fetches and serves; `dir` holds what is served. */
export async function createInternet(dir: string): Promise<Internet> {
  const npm = await createNpmRegistry(dir);
  const { answer: pypi, uvFolder } = await createPythonIndex(dir);
  const { authority, secrets } = await createCertificates(dir);
  const plain = createServer(listener(({ url }) => (url?.startsWith('/simple/') ? pypi : npm)));
  const byHost = ({ headers }: IncomingMessage) => (headers.host?.startsWith(PYPI_HOST) ? pypi : npm);
  const secure = createTlsServer(secrets, listener(byHost));
  const asked: string[] = [];
  const plainPort = await listen(plain);
  const proxy = createProxy(await listen(secure), asked);
  return {
    registry: `http://127.0.0.1:${plainPort}/`,
    index: `http://127.0.0.1:${plainPort}/simple`,
    uvFolder,
    proxy: `http://127.0.0.1:${await listen(proxy)}`,
    authority,
    asked,
    close() {
      for (const server of [plain, secure, proxy]) server.close();
      // A server knows nothing of the tunnels that it opened.
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listener(choose: (request: IncomingMessage) => Answer): RequestListener {
  return (request, response) => {
    choose(request)(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  };
}

/** Tunnels to the TLS server, for each of our hosts. */
function createProxy(port: number, asked: string[]): Server {
  const refuseAll: RequestListener = (_, response) => response.writeHead(403).end();
  return createServer(refuseAll).on('connect', ({ url = '' }: IncomingMessage, client, head) => {
    asked.push(url);
    if (![NPM_HOST, PYPI_HOST].some((host) => url === `${host}:443`)) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
}

/** The company's own authority, and a certificate of both hosts that it has signed. */
async function createCertificates(dir: string): Promise<{ authority: string; secrets: { key: Buffer; cert: Buffer } }> {
  const file = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const uses = ['-addext', 'keyUsage=critical,keyCertSign'];
  const [subject, days] = [
    ['-subj', '/O=Example company/CN=authority'],
    ['-days', '2'],
  ];
  await openssl(
    'req',
    '-x509',
    ...key,
    ...subject,
    ...days,
    ...uses,
    '-keyout',
    'authority.key',
    '-out',
    'company.pem',
  );
  await openssl('req', ...key, '-subj', '/O=Example company/CN=hosts', '-keyout', 'hosts.key', '-out', 'hosts.csr');
  const names = [NPM_HOST, PYPI_HOST].map((host) => `DNS:${host}`).join(',');
  const identifiers = 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n';
  await writeFile(file('hosts.ext'), `subjectAltName=${names}\nkeyUsage=critical,digitalSignature\n${identifiers}`);
  const signer = ['-CA', 'company.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
  await openssl('x509', '-req', ...days, ...signer, '-in', 'hosts.csr', '-extfile', 'hosts.ext', '-out', 'hosts.pem');
  const secrets = { key: await readFile(file('hosts.key')), cert: await readFile(file('hosts.pem')) };
  return { authority: file('company.pem'), secrets };
}

/** Listens on a free port of this machine only. */
function listen(server: NetServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
