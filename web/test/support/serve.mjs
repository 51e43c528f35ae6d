// Serves the pages of a project at 127.0.0.1, as `ktx open` does: prints the URL, then a ticket for each line of input.
//
//     node web/test/support/serve.mjs PROJECT_DIR
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

const packageDir = path.resolve(import.meta.dirname, '..', '..', '..');
const load = createRequire(import.meta.url);
const ktx = load(path.join(packageDir, 'index.js'));
const { createPageHandler } = load(path.join(packageDir, 'web', 'dist', 'node.cjs'));
const { version } = load(path.join(packageDir, 'package.json'));

const [projectDir] = process.argv.slice(2);
const streams = { stdout: process.stderr, stderr: process.stderr };
const managedDaemon = { cliVersion: version, installPolicy: 'never', io: streams };
const shared = { projectDir, managedDaemon, trust: 'always' };
const root = '/ui/';
const handler = createPageHandler({
  root,
  loadProject: () => ktx.loadKtxProject({ projectDir }),
  actions: {
    query: (request) => ktx.runKtxSemanticQuery({ ...shared, ...request }),
    relationship: (request) => ktx.answerKtxRelationship({ projectDir, ...request }),
    lineage: (request) => ktx.readKtxLineage({ ...shared, ...request }),
    validate: (request) => ktx.validateKtxSemanticSources({ ...shared, ...request, withoutDenied: true }),
    canValidate: async () => (await ktx.readManagedPythonDaemonStatus({ cliVersion: version })).kind === 'running',
  },
  log: (message) => process.stderr.write(`${message}\n`),
});

const server = createServer((req, res) => {
  const { pathname } = new URL(req.url ?? '/', 'http://localhost');
  if (pathname.startsWith(root)) handler.handle(req, res, pathname);
  else res.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}${root}\n`);
  createInterface({ input: process.stdin })
    .on('line', () => process.stdout.write(`${handler.createTicket()}\n`))
    .on('close', () => process.exit());
});
