// A strict consumer. It is compiled, never run: what must not compile is marked, and an unused mark is an error.

import {
  createLocalSqlAnalysisPort,
  createManagedDaemonHttpJsonRunner,
  createManagedDaemonLookerTableIdentifierParser,
  createManagedPythonDaemonBaseUrlResolver,
  createManagedPythonSemanticLayerComputePort,
  databaseIntrospectionRoute,
  ensureManagedLocalEmbeddingsDaemon,
  ensureManagedPythonCommandRuntime,
  type InstalledRuntimeManifest,
  installManagedPythonRuntime,
  type KtxCliIo,
  type KtxError,
  type KtxErrorCode,
  type KtxManagedPythonInstallPolicy,
  type KtxRuntimeFeature,
  type LookerTableIdentifierParser,
  MISSING_UV_RUNTIME_INSTALL_MESSAGE,
  managedLocalEmbeddingProjectConfig,
  managedPythonRuntimeLayout,
  postManagedDaemonJson,
  runLocalScan,
  runtimeInstallPolicyFromFlags,
  startManagedPythonDaemon,
} from '@kaelio/ktx';

declare const io: KtxCliIo;
const policy: KtxManagedPythonInstallPolicy = runtimeInstallPolicyFromFlags({ yes: true });
const message: string = MISSING_UV_RUNTIME_INSTALL_MESSAGE;
const feature: KtxRuntimeFeature = 'local-embeddings';
const code: KtxErrorCode = 'KTX_HTTP_CONNECT';
const processIo: KtxCliIo = { stdout: process.stdout, stderr: process.stderr };
const layoutHere = managedPythonRuntimeLayout({ cliVersion: '1.0.0', env: process.env, platform: process.platform });
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
  const known: 'ready' | 'installed' = status;
  const { state } = await startManagedPythonDaemon({
    cliVersion: known,
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

export async function composes(): Promise<number> {
  const options = { cliVersion: '1', installPolicy: policy, io };
  const made: number = await createManagedPythonSemanticLayerComputePort({ ...options, createPythonCompute: () => 7 });
  const native = await createManagedPythonSemanticLayerComputePort(options);
  await native.query({});
  const { layout } = await ensureManagedPythonCommandRuntime({
    ...options,
    confirmInstall: (question) => question !== '',
  });
  return made + layout.venvDir.length;
}

export function codeOf(error: unknown): KtxErrorCode | undefined {
  return error instanceof Error && 'code' in error ? (error as KtxError).code : undefined;
}

// @ts-expect-error there is no such feature
installManagedPythonRuntime({ cliVersion: '1', features: ['gpu'] });
// @ts-expect-error there is no such policy
createManagedPythonDaemonBaseUrlResolver({ cliVersion: '1', installPolicy: 'always', io });
// @ts-expect-error the command line's version is needed
managedPythonRuntimeLayout({});
// @ts-expect-error an absent option is absent, not undefined
managedPythonRuntimeLayout({ cliVersion: '1', homeDir: undefined });
// @ts-expect-error requests need somewhere to go
createManagedDaemonHttpJsonRunner({});
// @ts-expect-error a payload is an object
postManagedDaemonJson('http://127.0.0.1:1', '/x', 'text');
// @ts-expect-error there is no such code
codeOf(new Error()) === 'KTX_NO_SUCH_CODE';
// @ts-expect-error a result of a failed parse has no table
(await createManagedDaemonLookerTableIdentifierParser({ resolveBaseUrl: () => '' }).parse([])).a?.canonical_table;

export { code, layoutHere, marker, message };
