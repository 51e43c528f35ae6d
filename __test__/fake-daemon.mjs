// A daemon that speaks the launch protocol, and misbehaves as FAKE_DAEMON_MODE says:
//   ok             answers /health, echoes every authorised request, ends on POST /shutdown and on SIGTERM
//   slow           the same, but only after a file `go` has appeared in FAKE_DAEMON_DIR
//   dies           complains on standard error and exits at once
//   hangs          lives, but serves nothing and says nothing
//   lies           says that it is of another version
//   stranger       says that it is another instance
//   garbage        says no JSON, neither when it is ready nor to anyone who asks
//   deaf           as ok, but neither /shutdown nor SIGTERM ends it
// It notes in FAKE_DAEMON_DIR/<pid>.json how it was called, before anything else.

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

note();
// Ends by itself, in case the tests do not stop it.
setTimeout(() => process.exit(9), 300_000);
if (mode !== 'deaf') process.on('SIGTERM', () => process.exit(0));
else process.on('SIGTERM', () => {});

if (mode === 'dies') {
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

function note() {
  const path = join(folder, `${process.pid}.json`);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('KTX_')));
  writeFileSync(`${path}.tmp`, JSON.stringify({ pid: process.pid, args: process.argv.slice(2), env }));
  renameSync(`${path}.tmp`, path);
}

function serve() {
  const server = createServer(answer);
  const inherited = process.env.KTX_DAEMON_LISTEN_FD;
  const where = inherited === undefined ? { host: '127.0.0.1', port: requestedPort() } : { fd: Number(inherited) };
  server.listen(where, () => tellReady(server.address().port));
}

function requestedPort() {
  return Number(process.argv[process.argv.indexOf('--port') + 1]);
}

function tellReady(port) {
  const descriptor = process.env.KTX_DAEMON_READY_FD;
  if (descriptor === undefined) return;
  const line = mode === 'garbage' ? 'ready, I think' : JSON.stringify({ pid: process.pid, port });
  writeSync(Number(descriptor), `${line}\n`);
  closeSync(Number(descriptor));
}

async function answer(request, response) {
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
  if (mode === 'garbage') return 'no JSON at all';
  return {
    status: 'healthy',
    version: mode === 'lies' ? '9.9.9' : version,
    features: ['core'],
    instance: mode === 'stranger' ? 'another-instance' : instance,
  };
}

function shutDown(response) {
  send(response, 202, { status: 'stopping' });
  if (mode !== 'deaf') response.on('close', () => process.exit(0));
}

function send(response, status, body) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(text);
}
