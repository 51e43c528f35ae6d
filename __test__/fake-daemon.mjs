// Fake daemon that implements the launch protocol; FAKE_DAEMON_MODE selects a fault:
//   ok             answers /health, echoes every authorised request, ends on POST /shutdown and on SIGTERM
//   slow           as ok, but only after the file `go` exists in FAKE_DAEMON_DIR
//   exits          writes an error to standard error and exits immediately
//   hangs          runs, but does not listen and does not report readiness
//   wrong-version  reports another version in /health
//   wrong-instance reports another instance in /health
//   invalid-json   reports readiness and answers /health with invalid JSON
//   ignores-stop   as ok, but neither /shutdown nor SIGTERM ends it
// Before anything else it records its arguments and environment in FAKE_DAEMON_DIR/<pid>.json.

import { closeSync, existsSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const {
  FAKE_DAEMON_MODE: mode,
  FAKE_DAEMON_DIR: folder = '.',
  KTX_DAEMON_VERSION: version,
  KTX_DAEMON_INSTANCE: instance,
  KTX_DAEMON_TOKEN: token,
} = process.env;

recordCall();
// Limits its lifetime, in case the tests do not stop it.
setTimeout(() => process.exit(9), 300_000);
if (mode !== 'ignores-stop') process.on('SIGTERM', () => process.exit(0));
else process.on('SIGTERM', () => {});

if (mode === 'exits') {
  process.stderr.write('starting up\nboom: Grüße from a daemon that cannot start\n');
  process.exitCode = 3;
  process.exit();
} else if (mode === 'slow') {
  const waiting = setInterval(() => {
    if (!existsSync(join(folder, 'go'))) return;
    clearInterval(waiting);
    serve();
  }, 5);
} else if (mode !== 'hangs') {
  serve();
}

function recordCall() {
  const path = join(folder, `${process.pid}.json`);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('KTX_')));
  writeFileSync(`${path}.tmp`, JSON.stringify({ pid: process.pid, args: process.argv.slice(2), env }));
  renameSync(`${path}.tmp`, path);
}

function serve() {
  const server = createServer(handle);
  const inherited = process.env.KTX_DAEMON_LISTEN_FD;
  const address = inherited === undefined ? { host: '127.0.0.1', port: requestedPort() } : { fd: Number(inherited) };
  server.listen(address, () => reportReady(server.address().port));
}

function requestedPort() {
  return Number(process.argv[process.argv.indexOf('--port') + 1]);
}

function reportReady(port) {
  const descriptor = process.env.KTX_DAEMON_READY_FD;
  if (descriptor === undefined) return;
  const line = mode === 'invalid-json' ? 'not JSON' : JSON.stringify({ pid: process.pid, port });
  writeSync(Number(descriptor), `${line}\n`);
  closeSync(Number(descriptor));
}

async function handle(request, response) {
  if (request.url === '/health') return send(response, 200, health());
  const prefix = `/t/${token}/`;
  const inUrl = token !== undefined && request.url.startsWith(prefix);
  const inHeader = request.headers.authorization === `Bearer ${token}`;
  if (token !== undefined && !inUrl && !inHeader) return send(response, 401, { detail: 'no', code: 'unauthorized' });
  const path = inUrl ? request.url.slice(prefix.length - 1) : request.url;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (path === '/shutdown') return shutDown(response);
  return send(response, 200, { path, body: JSON.parse(Buffer.concat(chunks).toString() || 'null'), pid: process.pid });
}

function health() {
  if (mode === 'invalid-json') return 'not JSON';
  return {
    status: 'healthy',
    version: mode === 'wrong-version' ? '9.9.9' : version,
    features: ['core'],
    instance: mode === 'wrong-instance' ? 'another-instance' : instance,
  };
}

function shutDown(response) {
  send(response, 202, { status: 'stopping' });
  if (mode !== 'ignores-stop') response.on('close', () => process.exit(0));
}

function send(response, status, body) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(text);
}
