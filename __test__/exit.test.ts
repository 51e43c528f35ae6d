import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ktx from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { type ChildResult, runNode } from './support/child.js';
import { runtimeWithFakeDaemon } from './support/fake-daemon.js';
import { freshRuntime, writeInstalledRuntime } from './support/runtime.js';
import { jsonServer, rawServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

// A process that used the package and is done ends by itself. If something kept it alive, these tests would time out.

/** What the snippets below find in their process. */
interface Given {
  url: string;
  folder: string;
  options: { cliVersion: string; runtimeRoot: string; assetDir: string };
}

const managed = `{ cliVersion: '0.2.0', installPolicy: 'never', io, ensureRuntime: async () => ({}),
  startDaemon: async () => ({ status: 'reused', baseUrl: given.url }) }`;
const ensured = `{ cliVersion: '0.2.0', installPolicy: 'never', io,
  readStatus: async () => ktx.readManagedPythonRuntimeStatus(given.options) }`;
const connection = `{ projectDir: given.folder, connectionId: 'shop', databaseIntrospection: { requestJson: async () => ({
  connection_id: 'shop', extracted_at: '2026-01-01T00:00:00Z', metadata: { driver: 'postgres', schemas: ['public'] }, tables: [] }) } }`;
const project = `await ktx.initKtxProject({ projectDir: given.folder });
  await ktx.addKtxProjectConnection({ projectDir: given.folder, connectionId: 'shop',
    connection: { driver: 'postgres', url: 'postgres://ada:secret@127.0.0.1:9/shop', readonly: true } });`;

const semantic = (answer: string) => `{ projectDir: given.folder, connectionId: 'shop', sql: 'SELECT 1', query: {},
  databaseIntrospection: { requestJson: async () => (${answer}) } }`;
const source = `${project} await ktx.writeKtxSemanticSource({ projectDir: given.folder, connectionId: 'shop',
    source: { name: 'orders', table: 'orders' } });`;
const noProblems = '{ valid: true, errors: [], warnings: [], per_source_warnings: {} }';

/** One use of each export. */
const uses: Record<Exclude<keyof typeof ktx, 'default'>, string> = {
  MISSING_UV_RUNTIME_INSTALL_MESSAGE: 'ktx.MISSING_UV_RUNTIME_INSTALL_MESSAGE.length',
  ManagedPythonDaemonStartError: "new ktx.ManagedPythonDaemonStartError('no port', '/log')",
  addKtxProjectConnection: project,
  allocateDaemonPort: 'await ktx.allocateDaemonPort()',
  createLocalIngestAdapters: 'ktx.createLocalIngestAdapters({ projectDir: given.folder })',
  createLocalLookerTableIdentifierParser: `await ktx.createLocalLookerTableIdentifierParser({ managedDaemon: ${managed}, env: {} }).parse([])`,
  createLocalSqlAnalysisPort: `await ktx.createLocalSqlAnalysisPort({ sqlAnalysisUrl: given.url, env: {} }).analyzeBatch([], 'sqlite')`,
  createLazyManagedPythonSemanticLayerComputePort: `ktx.createLazyManagedPythonSemanticLayerComputePort(${ensured})`,
  createManagedDaemonHttpJsonRunner: `await ktx.createManagedDaemonHttpJsonRunner(${managed})('/x', {})`,
  createManagedDaemonLookerTableIdentifierParser: `await ktx.createManagedDaemonLookerTableIdentifierParser(${managed}).parse([])`,
  createManagedDaemonSqlAnalysisPort: `await ktx.createManagedDaemonSqlAnalysisPort(${managed}).analyzeBatch([], 'sqlite')`,
  createManagedPythonDaemonBaseUrlResolver: `await ktx.createManagedPythonDaemonBaseUrlResolver(${managed})()`,
  createManagedPythonSemanticLayerComputePort: `await ktx.createManagedPythonSemanticLayerComputePort(${ensured})`,
  databaseIntrospectionRoute: 'ktx.databaseIntrospectionRoute({ env: {} })',
  doctorManagedPythonRuntime: 'await ktx.doctorManagedPythonRuntime(given.options)',
  ensureManagedLocalEmbeddingsDaemon: `await ktx.ensureManagedLocalEmbeddingsDaemon(${managed})`,
  ensureManagedPythonCommandRuntime: `await ktx.ensureManagedPythonCommandRuntime(${ensured})`,
  ensureManagedUv: `await ktx.ensureManagedUv({ runtimeRoot: given.folder, env: {}, fetchArtifact: async () => new Uint8Array() })
    .catch((error) => { if (error.code !== 'KTX_RUNTIME_INSTALL_FAILED') throw error; })`,
  executeKtxSql: `${project} await ktx.executeKtxSql(${semantic('{ columns: [], rows: [], row_count: 0, truncated: false }')})`,
  findKtxProjectDir: `${project} await ktx.findKtxProjectDir({ startDir: given.folder })`,
  generateKtxSemanticSources: `${project} await ktx.runLocalScan(${connection});
    await ktx.generateKtxSemanticSources(${semantic('{ sources: [], source_count: 0 }')})`,
  initKtxProject: 'await ktx.initKtxProject({ projectDir: given.folder })',
  installKtxAgents: `${project} await ktx.installKtxAgents({ projectDir: given.folder, clients: ['codex'] })`,
  installManagedPythonRuntime: `await ktx.installManagedPythonRuntime({ ...given.options, features: ['core'] })`,
  listKtxAgents: `${project} await ktx.listKtxAgents({ projectDir: given.folder })`,
  listKtxRuns: `${project} await ktx.listKtxRuns({ projectDir: given.folder })`,
  listKtxSemanticSources: `${source} await ktx.listKtxSemanticSources({ projectDir: given.folder })`,
  loadKtxProject: `${project} await ktx.loadKtxProject({ projectDir: given.folder })`,
  localIngestAdapterOptions: 'ktx.localIngestAdapterOptions({}, io)',
  lookerTableIdentifierRoute: 'ktx.lookerTableIdentifierRoute({ env: {} })',
  managedDaemonDatabaseIntrospectionOptions: `await ktx.managedDaemonDatabaseIntrospectionOptions(${managed}).requestJson('/x', {})`,
  managedLocalEmbeddingHealthConfig: `ktx.managedLocalEmbeddingHealthConfig({ baseUrl: given.url, model: 'm', dimensions: 3 })`,
  managedLocalEmbeddingProjectConfig: `ktx.managedLocalEmbeddingProjectConfig({ model: 'm', dimensions: 3 })`,
  managedPythonDaemonLayout: 'ktx.managedPythonDaemonLayout(given.options)',
  managedPythonRuntimeLayout: 'ktx.managedPythonRuntimeLayout(given.options)',
  managedRuntimeInstallCommand: `ktx.managedRuntimeInstallCommand('core')`,
  managedUvPath: 'ktx.managedUvPath({ runtimeRoot: given.folder })',
  postManagedDaemonJson: `await Promise.all([1, 2, 3].map(() => ktx.postManagedDaemonJson(given.url, '/x', {})))`,
  pruneManagedPythonRuntimes: `await ktx.pruneManagedPythonRuntimes({ ...given.options, dryRun: true })`,
  readKtxRun: `${project} const { runId } = await ktx.runLocalScan(${connection});
    await ktx.readKtxRun({ projectDir: given.folder, runId })`,
  readKtxSemanticSource: `${source}
    await ktx.readKtxSemanticSource({ projectDir: given.folder, connectionId: 'shop', name: 'orders' })`,
  readManagedPythonDaemonStatus: 'await ktx.readManagedPythonDaemonStatus(given.options)',
  readManagedPythonRuntimeStatus: 'await ktx.readManagedPythonRuntimeStatus(given.options)',
  removeKtxAgents: `${project} await ktx.removeKtxAgents({ projectDir: given.folder, clients: ['codex'] })`,
  runKtxSemanticQuery: `${source} await ktx.runKtxSemanticQuery(${semantic(`{ sql: '', dialect: '', columns: [], plan: {} }`)})`,
  runLocalIngest: `${project} await ktx.runLocalIngest({ ...${connection}, adapter: 'live-database' })`,
  runLocalScan: `${project} await ktx.runLocalScan(${connection})`,
  runtimeInstallPolicyFromFlags: 'ktx.runtimeInstallPolicyFromFlags({})',
  sqlAnalysisRoute: 'ktx.sqlAnalysisRoute({ env: {} })',
  startManagedPythonDaemon: `await ktx.startManagedPythonDaemon({ ...given.options, features: ['core'] })`,
  stopAllManagedPythonDaemons: 'await ktx.stopAllManagedPythonDaemons(given.options)',
  stopManagedPythonDaemon: 'await ktx.stopManagedPythonDaemon(given.options)',
  testKtxConnection: `${project} await ktx.testKtxConnection(${connection})`,
  trustKtxProject: `await ktx.initKtxProject({ projectDir: given.folder });
  await ktx.trustKtxProject({ projectDir: given.folder })`,
  tryUseManagedLocalEmbeddingsDaemon: `await ktx.tryUseManagedLocalEmbeddingsDaemon({ cliVersion: '0.2.0',
    readStatus: async () => ({ kind: 'stopped' }) })`,
  validateKtxSemanticSources: `${source} await ktx.validateKtxSemanticSources(${semantic(noProblems)})`,
  verifyRuntimeAsset: 'await ktx.verifyRuntimeAsset(given.options)',
  writeKtxDiagnosticBundle: `await ktx.writeKtxDiagnosticBundle({ ...given.options, file: given.folder + '/bundle.zip' })`,
  writeKtxLogEvent: `ktx.writeKtxLogEvent({ level: 'error', event: 'host.failed' })`,
  writeKtxSemanticSource: source,
};

/** Runs a snippet in a process of its own, on an installed-looking runtime and a server that answers. */
async function run(snippet: string, given: Partial<Given>): Promise<ChildResult> {
  return await runNode(`
    import * as ktx from '@kaelio/ktx';
    const given = ${JSON.stringify(given)};
    const io = { stdout: process.stdout, stderr: { write() {} } };
    ${snippet};
    console.log('used');`);
}

const ended = { code: 0, signal: null, stdout: 'used\n', stderr: '' };

/** The fake daemon is a script: Windows starts none. */
const needsDaemon = 'startManagedPythonDaemon';
const used = Object.entries(uses).filter(([name]) => name !== needsDaemon || process.platform !== 'win32');

describe('a process that used an export ends by itself', () => {
  it('and every export is in the list', () => {
    const names = Object.keys(ktx).filter((name) => name !== 'default' && name !== 'module.exports');
    expect(Object.keys(uses).sort()).toEqual(names.sort());
  });

  it.each(used)('%s', async (name, snippet) => {
    const { baseUrl: url } = await jsonServer({ results: {} });
    const folder = join(temporaryFolder(), 'project');
    mkdirSync(folder);
    const { options } = name === needsDaemon ? runtimeWithFakeDaemon('ok') : installedRuntime();
    expect(await run(snippet, { url, folder, options })).toEqual(ended);
  });
});

describe('what is still under way', () => {
  it('an idle connection in the pool keeps nothing alive', async () => {
    const server = await jsonServer({});
    expect(await run(`await ktx.postManagedDaemonJson(given.url, '/x', {})`, { url: server.baseUrl })).toEqual(ended);
    expect(server.requests).toHaveLength(1);
  });

  it('a callback that never settles keeps nothing alive', async () => {
    const snippet = `void ktx.createManagedPythonDaemonBaseUrlResolver({ cliVersion: '0.2.0', installPolicy: 'never', io,
      ensureRuntime: () => new Promise(() => {}) })()`;
    expect(await run(snippet, {})).toEqual(ended);
  });

  it('a request that is not awaited is still finished', async () => {
    const server = await jsonServer({ n: 1 });
    const snippet = `ktx.postManagedDaemonJson(given.url, '/x', {}).then(({ n }) => console.log('answer', n))`;
    const result = await run(snippet, { url: server.baseUrl });
    expect(result).toEqual({ ...ended, stdout: 'used\nanswer 1\n' });
  });

  it('a request under way does not stop process.exit', async () => {
    const { promise, resolve } = signalled();
    const server = await rawServer(() => resolve());
    const child = run(`ktx.postManagedDaemonJson(given.url, '/x', {}); setTimeout(() => process.exit(7), 50)`, {
      url: server.baseUrl,
    });
    await promise;
    expect(await child).toEqual({ ...ended, code: 7 });
  });

  it('a cancelled request keeps nothing alive', async () => {
    const server = await rawServer(() => {});
    const snippet = `await ktx.postManagedDaemonJson(given.url, '/x', {}, { signal: AbortSignal.timeout(100) }).catch(() => {})`;
    expect(await run(snippet, { url: server.baseUrl })).toEqual(ended);
  });
});

function installedRuntime() {
  const runtime = freshRuntime();
  writeInstalledRuntime(runtime);
  return runtime;
}

function signalled(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
