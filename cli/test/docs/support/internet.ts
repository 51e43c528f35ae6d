/** Local registries for npm and Python packages, over HTTP and, behind a proxy, over TLS. */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createNpmRegistry, type RequestHandler } from './npm-registry.js';
import { createPythonIndex } from './python-index.js';

const run = promisify(execFile);

/** Open connections to any of the servers. */
const sockets = new Set<Socket>();

/** Hosts that the pages use for the servers of a company. */
const NPM_HOST = 'npm.example.com';
const PYPI_HOST = 'pypi.example.com';

/** Addresses of the servers. */
export interface Internet {
  /** URL of the npm registry, without a proxy. */
  registry: string;
  /** URL of the Python index, without a proxy. */
  index: string;
  /** Folder of the uv executable. */
  uvFolder: string;
  /** URL of the proxy that connects to both hosts. */
  proxy: string;
  /** File of the certificate authority of both hosts. */
  authority: string;
  /** Targets of CONNECT requests to the proxy, as `host:port`. */
  connectTargets: string[];
  close(): void;
}

/** Packs the package, downloads the wheels into `dir`, and starts the servers. */
export async function createInternet(dir: string): Promise<Internet> {
  const npm = await createNpmRegistry(dir);
  const { handler: pypi, uvFolder } = await createPythonIndex(dir);
  const { authority, secrets } = await createCertificates(dir);
  const plain = createServer(listener(({ url }) => (url?.startsWith('/simple/') ? pypi : npm)));
  const byHost = ({ headers }: IncomingMessage) => (headers.host?.startsWith(PYPI_HOST) ? pypi : npm);
  const secure = createTlsServer(secrets, listener(byHost));
  const connectTargets: string[] = [];
  const plainPort = await listen(plain);
  const proxy = createProxy(await listen(secure), connectTargets);
  return {
    registry: `http://127.0.0.1:${plainPort}/`,
    index: `http://127.0.0.1:${plainPort}/simple`,
    uvFolder,
    proxy: `http://127.0.0.1:${await listen(proxy)}`,
    authority,
    connectTargets,
    close() {
      for (const server of [plain, secure, proxy]) server.close();
      // `close` does not end the tunnels of the proxy.
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listener(route: (request: IncomingMessage) => RequestHandler): RequestListener {
  return (request, response) => {
    route(request)(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  };
}

/** Creates a proxy that tunnels both hosts to the TLS server, and rejects others. */
function createProxy(port: number, connectTargets: string[]): Server {
  const rejectAll: RequestListener = (_, response) => response.writeHead(403).end();
  return createServer(rejectAll).on('connect', ({ url = '' }: IncomingMessage, client, head) => {
    connectTargets.push(url);
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

/** Creates a certificate authority, and a certificate of both hosts signed by it. */
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

/** Listens on a free port of the loopback interface, and returns the port. */
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
