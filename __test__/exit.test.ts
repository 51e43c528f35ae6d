import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ktx from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { type ChildResult, runNode } from './support/child.js';
import { createRuntimeWithFakeDaemon } from './support/fake-daemon.js';
import { createRuntime, writeInstalledRuntime } from './support/runtime.js';
import { jsonServer, rawTcpServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

// A process that has used the package exits by itself. If a handle kept it alive, these tests would time out.

/** Variables of the snippets below. */
interface SnippetContext {
  url: string;
  folder: string;
  options: { cliVersion: string; runtimeRoot: string; assetDir: string };
}

const managed = `{ cliVersion: '0.2.0', installPolicy: 'never', io, ensureRuntime: async () => ({}),
  startDaemon: async () => ({ status: 'reused', baseUrl: context.url }) }`;
const ensured = `{ cliVersion: '0.2.0', installPolicy: 'never', io,
  readStatus: async () => ktx.readManagedPythonRuntimeStatus(context.options) }`;
const connection = `{ projectDir: context.folder, connectionId: 'shop', databaseIntrospection: { requestJson: async () => ({
  connection_id: 'shop', extracted_at: '2026-01-01T00:00:00Z', metadata: { driver: 'postgres', schemas: ['public'] }, tables: [
    { catalog: null, db: 'public', name: 'orders', kind: 'table', comment: null, columns: [], foreign_keys: [] }] }) } }`;
const project = `await ktx.initKtxProject({ projectDir: context.folder });
  await ktx.addKtxConnection({ projectDir: context.folder, connectionId: 'shop',
    connection: { driver: 'postgres', url: 'postgres://ada:secret@127.0.0.1:9/shop', readonly: true } });`;

const server = `{ ...context.options, projectDir: context.folder }`;

const semantic = (answer: string) => `{ projectDir: context.folder, connectionId: 'shop', sql: 'SELECT 1', query: {},
  databaseIntrospection: { requestJson: async () => (${answer}) } }`;
const source = `${project} await ktx.writeKtxSemanticSource({ projectDir: context.folder, connectionId: 'shop',
    source: { name: 'orders', table: 'orders' } });`;
const noProblems = '{ valid: true, errors: [], warnings: [], per_source_warnings: {} }';

/** A call of each export. */
const snippets: Record<Exclude<keyof typeof ktx, 'default'>, string> = {
  MISSING_UV_RUNTIME_INSTALL_MESSAGE: 'ktx.MISSING_UV_RUNTIME_INSTALL_MESSAGE.length',
  ManagedPythonDaemonStartError: "new ktx.ManagedPythonDaemonStartError('no port', '/log')",
  addKtxConnection: project,
  allocateDaemonPort: 'await ktx.allocateDaemonPort()',
  answerKtxRelationship: `${project} const from = { table: 'orders', columns: ['id'] };
    await ktx.answerKtxRelationship({ projectDir: context.folder, connectionId: 'shop', from, status: 'accepted' })
      .catch((error) => { if (error.code !== 'KTX_SCAN_MISSING') throw error; })`,
  createLocalIngestAdapters: 'ktx.createLocalIngestAdapters({ projectDir: context.folder })',
  createLocalLookerTableIdentifierParser: `await ktx.createLocalLookerTableIdentifierParser({ managedDaemon: ${managed}, env: {} }).parse([])`,
  createLocalSqlAnalysisPort: `await ktx.createLocalSqlAnalysisPort({ sqlAnalysisUrl: context.url, env: {} }).analyzeBatch([], 'sqlite')`,
  createLazyManagedPythonSemanticLayerComputePort: `ktx.createLazyManagedPythonSemanticLayerComputePort(${ensured})`,
  createManagedDaemonHttpJsonRunner: `await ktx.createManagedDaemonHttpJsonRunner(${managed})('/x', {})`,
  createManagedDaemonLookerTableIdentifierParser: `await ktx.createManagedDaemonLookerTableIdentifierParser(${managed}).parse([])`,
  createManagedDaemonSqlAnalysisPort: `await ktx.createManagedDaemonSqlAnalysisPort(${managed}).analyzeBatch([], 'sqlite')`,
  createManagedPythonDaemonBaseUrlResolver: `await ktx.createManagedPythonDaemonBaseUrlResolver(${managed})()`,
  createManagedPythonSemanticLayerComputePort: `await ktx.createManagedPythonSemanticLayerComputePort(${ensured})`,
  describeKtxDrivers: 'ktx.describeKtxDrivers()',
  databaseIntrospectionRoute: 'ktx.databaseIntrospectionRoute({ env: {} })',
  doctorManagedPythonRuntime: 'await ktx.doctorManagedPythonRuntime(context.options)',
  editKtxConnection: `${project} await ktx.editKtxConnection({ projectDir: context.folder, connectionId: 'shop', connection: { port: 9 } })`,
  ensureManagedLocalEmbeddingsDaemon: `await ktx.ensureManagedLocalEmbeddingsDaemon(${managed})`,
  ensureManagedPythonCommandRuntime: `await ktx.ensureManagedPythonCommandRuntime(${ensured})`,
  ensureManagedUv: `await ktx.ensureManagedUv({ runtimeRoot: context.folder, env: {}, fetchArtifact: async () => new Uint8Array() })
    .catch((error) => { if (error.code !== 'KTX_RUNTIME_INSTALL_FAILED') throw error; })`,
  executeKtxSql: `${project} await ktx.executeKtxSql(${semantic('{ columns: [], rows: [], row_count: 0, truncated: false }')})`,
  findKtxProjectDir: `${project} await ktx.findKtxProjectDir({ startDir: context.folder })`,
  findKtxValues: `${project} await ktx.findKtxValues({ projectDir: context.folder, text: 'open' })`,
  generateKtxSemanticSources: `${project} await ktx.runLocalScan(${connection});
    await ktx.generateKtxSemanticSources(${semantic('{ sources: [], source_count: 0 }')})`,
  initKtxProject: 'await ktx.initKtxProject({ projectDir: context.folder })',
  installKtxAgents: `${project} await ktx.installKtxAgents({ projectDir: context.folder, clients: ['codex'] })`,
  installManagedPythonRuntime: `await ktx.installManagedPythonRuntime({ ...context.options, features: ['core'] })`,
  listKtxAgents: `${project} await ktx.listKtxAgents({ projectDir: context.folder })`,
  listKtxDbtProfiles: 'await ktx.listKtxDbtProfiles({ env: { DBT_PROFILES_DIR: context.folder } })',
  listKtxDatabaseTables: `${project} await ktx.listKtxDatabaseTables(${connection})`,
  listKtxQueryHistory: `${project} await ktx.listKtxQueryHistory({ projectDir: context.folder, connectionId: 'shop' })
    .catch((error) => { if (error.code !== 'KTX_HISTORY_MISSING') throw error; })`,
  listKtxPages: `${project} await ktx.listKtxPages({ projectDir: context.folder })`,
  listKtxRuns: `${project} await ktx.listKtxRuns({ projectDir: context.folder })`,
  listKtxSemanticSources: `${source} await ktx.listKtxSemanticSources({ projectDir: context.folder })`,
  listKtxRelationships: `${project} await ktx.listKtxRelationships({ projectDir: context.folder, connectionId: 'shop' })
    .catch((error) => { if (error.code !== 'KTX_SCAN_MISSING') throw error; })`,
  listKtxTables: `${project} await ktx.runLocalScan(${connection});
    await ktx.listKtxTables({ projectDir: context.folder, connectionId: 'shop' })`,
  loadKtxProject: `${project} await ktx.loadKtxProject({ projectDir: context.folder })`,
  localIngestAdapterOptions: 'ktx.localIngestAdapterOptions({}, io)',
  lookerTableIdentifierRoute: 'ktx.lookerTableIdentifierRoute({ env: {} })',
  managedDaemonDatabaseIntrospectionOptions: `await ktx.managedDaemonDatabaseIntrospectionOptions(${managed}).requestJson('/x', {})`,
  managedLocalEmbeddingHealthConfig: `ktx.managedLocalEmbeddingHealthConfig({ baseUrl: context.url, model: 'm', dimensions: 3 })`,
  managedLocalEmbeddingProjectConfig: `ktx.managedLocalEmbeddingProjectConfig({ model: 'm', dimensions: 3 })`,
  managedPythonDaemonLayout: 'ktx.managedPythonDaemonLayout(context.options)',
  managedPythonRuntimeLayout: 'ktx.managedPythonRuntimeLayout(context.options)',
  managedRuntimeInstallCommand: `ktx.managedRuntimeInstallCommand('core')`,
  managedUvPath: 'ktx.managedUvPath({ runtimeRoot: context.folder })',
  parseKtxSemanticQuery: `await ktx.parseKtxSemanticQuery({ file: 'q.yaml', text: 'measures: [orders.count]' })`,
  postManagedDaemonJson: `await Promise.all([1, 2, 3].map(() => ktx.postManagedDaemonJson(context.url, '/x', {})))`,
  pruneManagedPythonRuntimes: `await ktx.pruneManagedPythonRuntimes({ ...context.options, dryRun: true })`,
  pruneKtxScans: `${project} await ktx.pruneKtxScans({ projectDir: context.folder, keep: 1 })`,
  readKtxMcpServerStatus: `${project} await ktx.readKtxMcpServerStatus(${server})`,
  reportKtxMcpServerReady: `await ktx.reportKtxMcpServerReady({ port: 1 }).catch(() => {})`,
  joinKtxMcpServerLaunch: 'await ktx.joinKtxMcpServerLaunch({ env: {} })',
  createKtxPageUrl: `${project} await ktx.createKtxPageUrl(${server})`,
  ensureKtxMcpServerToken: `${project} await ktx.ensureKtxMcpServerToken(${server})`,
  startKtxMcpServer: `${project} await ktx.startKtxMcpServer({ ...${server}, executable: process.execPath,
    args: ['-e', ''] }).catch(() => {})`,
  stopKtxMcpServer: `${project} await ktx.stopKtxMcpServer(${server})`,
  readKtxRun: `${project} const { runId } = await ktx.runLocalScan(${connection});
    await ktx.readKtxRun({ projectDir: context.folder, runId })`,
  readKtxSemanticSources: `${source}
    await ktx.readKtxSemanticSources({ projectDir: context.folder, connectionId: 'shop' })`,
  readKtxSemanticModel: `${project} await ktx.readKtxSemanticModel({ projectDir: context.folder })`,
  readKtxSemanticSource: `${source}
    await ktx.readKtxSemanticSource({ projectDir: context.folder, connectionId: 'shop', name: 'orders' })`,
  readKtxLineage: `${project} await ktx.runLocalScan(${connection});
    await ktx.readKtxLineage({ ...${semantic('{ results: {} }')}, name: 'orders' })`,
  readKtxPage: `${project} await ktx.readKtxPage({ projectDir: context.folder, path: 'notes/a.md' })
    .catch((error) => { if (error.code !== 'KTX_PAGE_UNKNOWN') throw error; })`,
  readKtxTable: `${project} await ktx.runLocalScan(${connection});
    await ktx.readKtxTable({ projectDir: context.folder, connectionId: 'shop', name: 'orders' })`,
  readKtxTables: `${project} await ktx.runLocalScan(${connection});
    await ktx.readKtxTables({ projectDir: context.folder, connectionId: 'shop' })`,
  readManagedPythonDaemonStatus: 'await ktx.readManagedPythonDaemonStatus(context.options)',
  readManagedPythonRuntimeStatus: 'await ktx.readManagedPythonRuntimeStatus(context.options)',
  removeKtxAgents: `${project} await ktx.removeKtxAgents({ projectDir: context.folder, clients: ['codex'] })`,
  removeKtxConnection: `${project} await ktx.removeKtxConnection({ projectDir: context.folder, connectionId: 'shop' })`,
  runKtxSemanticQuery: `${source} await ktx.runKtxSemanticQuery(${semantic(`{ sql: '', dialect: '', columns: [], plan: {} }`)})`,
  runLocalIngest: `${project} await ktx.runLocalIngest({ ...${connection}, adapter: 'live-database' })`,
  runLocalScan: `${project} await ktx.runLocalScan(${connection})`,
  runtimeInstallPolicyFromFlags: 'ktx.runtimeInstallPolicyFromFlags({})',
  searchKtxProject: `${project} await ktx.searchKtxProject({ projectDir: context.folder, query: 'orders' })`,
  sqlAnalysisRoute: 'ktx.sqlAnalysisRoute({ env: {} })',
  startManagedPythonDaemon: `await ktx.startManagedPythonDaemon({ ...context.options, features: ['core'] })`,
  stopAllManagedPythonDaemons: 'await ktx.stopAllManagedPythonDaemons(context.options)',
  stopManagedPythonDaemon: 'await ktx.stopManagedPythonDaemon(context.options)',
  testKtxConnection: `${project} await ktx.testKtxConnection(${connection})`,
  trustKtxProject: `await ktx.initKtxProject({ projectDir: context.folder });
  await ktx.trustKtxProject({ projectDir: context.folder })`,
  tryUseManagedLocalEmbeddingsDaemon: `await ktx.tryUseManagedLocalEmbeddingsDaemon({ cliVersion: '0.2.0',
    readStatus: async () => ({ kind: 'stopped' }) })`,
  validateKtxSemanticSources: `${source} await ktx.validateKtxSemanticSources(${semantic(noProblems)})`,
  verifyRuntimeAsset: 'await ktx.verifyRuntimeAsset(context.options)',
  writeKtxDiagnosticBundle: `await ktx.writeKtxDiagnosticBundle({ ...context.options, file: context.folder + '/bundle.zip' })`,
  writeKtxLogEvent: `ktx.writeKtxLogEvent({ level: 'error', event: 'host.failed' })`,
  writeKtxSemanticSource: source,
};

/** Runs a snippet in a process, with an installed runtime and a server. */
async function run(snippet: string, context: Partial<SnippetContext>): Promise<ChildResult> {
  return await runNode(`
    import * as ktx from '@kaelio/ktx';
    const context = ${JSON.stringify(context)};
    const io = { stdout: process.stdout, stderr: { write() {} } };
    ${snippet};
    console.log('done');`);
}

const exited = { code: 0, signal: null, stdout: 'done\n', stderr: '' };

/** The fake daemon is a shell script, so Windows cannot start it. */
const needsDaemon = 'startManagedPythonDaemon';
const supported = Object.entries(snippets).filter(([name]) => name !== needsDaemon || process.platform !== 'win32');

describe('a process that has used an export exits', () => {
  it('every export has a snippet', () => {
    const names = Object.keys(ktx).filter((name) => name !== 'default' && name !== 'module.exports');
    expect(Object.keys(snippets).sort()).toEqual(names.sort());
  });

  it.each(supported)('%s', async (name, snippet) => {
    const { baseUrl: url } = await jsonServer({ results: {} });
    const folder = join(temporaryFolder(), 'project');
    mkdirSync(folder);
    const { options } = name === needsDaemon ? createRuntimeWithFakeDaemon('ok') : createInstalledRuntime();
    expect(await run(snippet, { url, folder, options })).toEqual(exited);
  });
});

describe('a pending operation', () => {
  it('an idle connection in the pool does not keep the process alive', async () => {
    const server = await jsonServer({});
    expect(await run(`await ktx.postManagedDaemonJson(context.url, '/x', {})`, { url: server.baseUrl })).toEqual(
      exited,
    );
    expect(server.requests).toHaveLength(1);
  });

  it('a callback that never settles does not keep the process alive', async () => {
    const snippet = `void ktx.createManagedPythonDaemonBaseUrlResolver({ cliVersion: '0.2.0', installPolicy: 'never', io,
      ensureRuntime: () => new Promise(() => {}) })()`;
    expect(await run(snippet, {})).toEqual(exited);
  });

  it('a request that is not awaited is completed', async () => {
    const server = await jsonServer({ n: 1 });
    const snippet = `ktx.postManagedDaemonJson(context.url, '/x', {}).then(({ n }) => console.log('answer', n))`;
    const result = await run(snippet, { url: server.baseUrl });
    expect(result).toEqual({ ...exited, stdout: 'done\nanswer 1\n' });
  });

  it('a request in flight does not block process.exit', async () => {
    const { promise, resolve } = createDeferred();
    const server = await rawTcpServer(() => resolve());
    const child = run(`ktx.postManagedDaemonJson(context.url, '/x', {}); setTimeout(() => process.exit(7), 50)`, {
      url: server.baseUrl,
    });
    await promise;
    expect(await child).toEqual({ ...exited, code: 7 });
  });

  it('a cancelled request does not keep the process alive', async () => {
    const server = await rawTcpServer(() => {});
    const snippet = `await ktx.postManagedDaemonJson(context.url, '/x', {}, { signal: AbortSignal.timeout(100) }).catch(() => {})`;
    expect(await run(snippet, { url: server.baseUrl })).toEqual(exited);
  });
});

function createInstalledRuntime() {
  const runtime = createRuntime();
  writeInstalledRuntime(runtime);
  return runtime;
}

function createDeferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
