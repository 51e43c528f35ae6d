// A consumer with strict compiler options. Compiled only; lines that must not compile are marked.

import {
  createLazyManagedPythonSemanticLayerComputePort,
  createLocalSqlAnalysisPort,
  createManagedDaemonHttpJsonRunner,
  createManagedDaemonLookerTableIdentifierParser,
  createManagedPythonDaemonBaseUrlResolver,
  createManagedPythonSemanticLayerComputePort,
  databaseIntrospectionRoute,
  ensureManagedLocalEmbeddingsDaemon,
  ensureManagedPythonCommandRuntime,
  ensureManagedUv,
  type InstalledKtxRuntimeManifest,
  type InstalledRuntimeManifest,
  installManagedPythonRuntime,
  type KtxCliIo,
  type KtxCliLocalIngestAdaptersOptions,
  type KtxError,
  type KtxErrorCode,
  type KtxManagedPythonInstallPolicy,
  type KtxRuntimeAssetManifest,
  type KtxRuntimeFeature,
  type LookerTableIdentifierParser,
  type ManagedLocalEmbeddingsDaemon,
  type ManagedLocalEmbeddingsOptions,
  type ManagedPythonDaemonChild,
  type ManagedPythonDaemonFetch,
  type ManagedPythonDaemonSpawn,
  ManagedPythonDaemonStartError,
  type ManagedPythonDaemonStatus,
  type ManagedPythonRuntimeDoctorCheck,
  type ManagedPythonRuntimeExec,
  type ManagedPythonRuntimeInstallOptions,
  type ManagedPythonRuntimeInstallResult,
  type ManagedPythonRuntimePruneResult,
  MISSING_UV_RUNTIME_INSTALL_MESSAGE,
  managedLocalEmbeddingProjectConfig,
  managedPythonRuntimeLayout,
  managedUvPath,
  postManagedDaemonJson,
  readManagedPythonDaemonStatus,
  runLocalScan,
  runtimeInstallPolicyFromFlags,
  startManagedPythonDaemon,
  verifyRuntimeAsset,
} from '@kaelio/ktx';

declare const io: KtxCliIo;
const policy: KtxManagedPythonInstallPolicy = runtimeInstallPolicyFromFlags({ yes: true });
const message: string = MISSING_UV_RUNTIME_INSTALL_MESSAGE;
const feature: KtxRuntimeFeature = 'local-embeddings';
const code: KtxErrorCode = 'KTX_HTTP_CONNECT';
const processIo: KtxCliIo = { stdout: process.stdout, stderr: process.stderr };
const localLayout = managedPythonRuntimeLayout({ cliVersion: '1.0.0', env: process.env, platform: process.platform });
const marker: 'managed:local-embeddings' = managedLocalEmbeddingProjectConfig({ model: 'm', dimensions: 3 })
  .sentenceTransformers.base_url;

export async function resolves(signal: AbortSignal): Promise<string> {
  const resolve = createManagedPythonDaemonBaseUrlResolver({ cliVersion: '1.0.0', installPolicy: policy, io });
  const answer: Record<string, unknown> = await postManagedDaemonJson(await resolve(), '/x', {}, { signal });
  const run = createManagedDaemonHttpJsonRunner({ requestJson: async (path, payload) => ({ path, payload }) });
  await run('/x', {});
  const parser: LookerTableIdentifierParser = createManagedDaemonLookerTableIdentifierParser({
    resolveBaseUrl: () => 'http://127.0.0.1:1',
  });
  const parsed = (await parser.parse([{ key: 'a', sql_table_name: 't', dialect: 'postgres' }])).a;
  if (parsed?.ok) return `${parsed.canonical_table} ${answer.x}`;
  return parsed?.reason ?? 'absent';
}

export async function installs(signal: AbortSignal): Promise<InstalledRuntimeManifest> {
  const { status, manifest } = await installManagedPythonRuntime({
    cliVersion: '1.0.0',
    features: [feature],
    signal,
    exec: async (command, args, { cwd, env }) => ({ stdout: `${command} ${args.length} ${cwd}`, stderr: `${env}` }),
    onProgress: ({ phase, message: line }) => io.stderr.write(`${phase satisfies string} ${line}\n`),
  });
  const installStatus: 'ready' | 'installed' = status;
  const { state } = await startManagedPythonDaemon({
    cliVersion: installStatus,
    features: ['core'],
    fetch,
    now: () => new Date(),
  });
  const one: 1 = state.schemaVersion;
  await ensureManagedLocalEmbeddingsDaemon({ cliVersion: `${one}`, installPolicy: 'never', io: processIo });
  return manifest;
}

export async function routes(): Promise<string> {
  const route = databaseIntrospectionRoute({ managedDaemon: { cliVersion: '1', installPolicy: 'never', io } });
  if (route.kind === 'url') return `${route.baseUrl} ${route.decidedBy}`;
  const analysis = await createLocalSqlAnalysisPort({ env: process.env }).analyzeForFingerprint('select 1', 'sqlite');
  const { report } = await runLocalScan({ projectDir: '.', connectionId: 'local', dryRun: true });
  return `${analysis.literalSlots[0]?.exampleValue} ${report.diffSummary.unchanged}`;
}

/** Declarations of an existing host: results are assignable to its types, and its imported names exist. */
export async function hostNames(): Promise<string> {
  const daemon: ManagedPythonDaemonStatus = await readManagedPythonDaemonStatus({ cliVersion: '1' });
  const url: string = daemon.kind === 'running' ? daemon.baseUrl + daemon.state.pid : daemon.detail;
  const parser = createManagedDaemonLookerTableIdentifierParser({ resolveBaseUrl: () => '' });
  const parsed: Record<string, { ok: boolean; canonical_table?: string; reason?: string }> = await parser.parse([]);
  const manifest: KtxRuntimeAssetManifest = (await verifyRuntimeAsset({ assetDir: '/a' })).manifest;
  const distribution: 'kaelio-ktx' = manifest.distributionName;
  const spawned: ManagedPythonDaemonSpawn = (): ManagedPythonDaemonChild => ({ unref() {} });
  const embeddings: ManagedLocalEmbeddingsDaemon | null = null;
  const error = new ManagedPythonDaemonStartError('no port', '/log');
  const fetchArtifact = async (address: string): Promise<ArrayBuffer> => (await fetch(address)).arrayBuffer();
  const uv: string =
    managedUvPath({ arch: process.arch }) + (await ensureManagedUv({ env: process.env, fetchArtifact }));
  return [url, uv, parsed.a?.reason, distribution, typeof spawned, embeddings, error.detail, error.stderrLog].join();
}

export type HostTypes = [
  InstalledKtxRuntimeManifest,
  ManagedPythonRuntimeExec,
  ManagedPythonRuntimeInstallOptions,
  ManagedPythonRuntimeInstallResult,
  ManagedPythonRuntimeDoctorCheck,
  ManagedPythonRuntimePruneResult,
  ManagedPythonDaemonFetch,
  ManagedLocalEmbeddingsOptions,
  KtxCliLocalIngestAdaptersOptions,
];

export async function composes(): Promise<number> {
  const options = { cliVersion: '1', installPolicy: policy, io };
  const injected: number = await createManagedPythonSemanticLayerComputePort({
    ...options,
    createPythonCompute: () => 7,
  });
  const native = await createManagedPythonSemanticLayerComputePort(options);
  const compiled = await native.query({ sources: [], query: { measures: [] }, dialect: 'postgres' });
  const lazy = createLazyManagedPythonSemanticLayerComputePort(options);
  const { sourceCount } = await lazy.generateSources({
    tables: [{ name: 'a', columns: [{ name: 'id', type: 'int', primaryKey: true }] }],
    links: [
      { fromTable: 'a', fromColumn: 'b_id', toTable: 'b', toColumn: 'id', relationshipType: 'many_to_one' },
      { fromTable: 'a', fromColumns: ['x', 'y'], toTable: 'b', toColumns: ['x', 'y'], constraintName: 'fk' },
    ],
    dialect: 'postgres',
  });
  const { perSourceWarnings } = await lazy.validateSources({ sources: [], recentlyTouched: ['a'] });
  const { layout } = await ensureManagedPythonCommandRuntime({
    ...options,
    confirmInstall: (question) => question !== '',
  });
  return injected + layout.venvDir.length + sourceCount + compiled.sql.length + Object.keys(perSourceWarnings).length;
}

export function codeOf(error: unknown): KtxErrorCode | undefined {
  return error instanceof Error && 'code' in error ? (error as KtxError).code : undefined;
}

// @ts-expect-error there is no such feature
installManagedPythonRuntime({ cliVersion: '1', features: ['gpu'] });
// @ts-expect-error there is no such policy
createManagedPythonDaemonBaseUrlResolver({ cliVersion: '1', installPolicy: 'always', io });
// @ts-expect-error cliVersion is required
managedPythonRuntimeLayout({});
// @ts-expect-error an absent option is absent, not undefined
managedPythonRuntimeLayout({ cliVersion: '1', homeDir: undefined });
// @ts-expect-error a transport is required
createManagedDaemonHttpJsonRunner({});
// @ts-expect-error a payload is an object
postManagedDaemonJson('http://127.0.0.1:1', '/x', 'text');
// @ts-expect-error there is no such code
codeOf(new Error()) === 'KTX_NO_SUCH_CODE';
const lazyPort = createLazyManagedPythonSemanticLayerComputePort({ cliVersion: '1', installPolicy: policy, io });
// @ts-expect-error the port uses camel case, the daemon snake case
lazyPort.validateSources({ sources: [], recently_touched: [] });

export { code, localLayout, marker, message };
