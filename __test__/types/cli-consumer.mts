// A host of the commands with strict compiler options. Compiled only; lines that must not compile are marked.

import { type KtxProject, localIngestAdapterOptions } from '@kaelio/ktx';
import {
  type CliIo,
  type KtxIngestArgs,
  type KtxIngestDeps,
  type KtxScanArgs,
  type KtxServeArgs,
  runKtxIngest,
  runKtxScan,
  runKtxServeStdio,
} from '@kaelio/ktx/cli';

declare const io: CliIo;
declare const project: KtxProject;

const ingest = {
  command: 'run',
  projectDir: '/shop',
  connectionId: 'warehouse',
  adapter: 'fake',
  databaseIntrospectionUrl: undefined,
  cliVersion: '0.2.0',
  runtimeInstallPolicy: 'auto',
  outputMode: 'plain',
} satisfies KtxIngestArgs;

const deps: KtxIngestDeps = {
  createAdapters: (_project, options) => (options.managedDaemon?.io === io ? [] : []),
  jobIdFactory: () => 'local-job-1',
};
const code: Promise<number> = runKtxIngest(ingest, io, deps);
// @ts-expect-error: a policy is one of three
runKtxIngest({ ...ingest, runtimeInstallPolicy: 'always' }, io);

const scan = {
  command: 'run',
  projectDir: '/shop',
  connectionId: 'warehouse',
  mode: 'structural',
  detectRelationships: false,
  dryRun: false,
  cliVersion: '0.2.0',
  runtimeInstallPolicy: 'auto',
} satisfies KtxScanArgs;
void runKtxScan(scan, io, { createLocalIngestAdapters: () => [] });

const serve = {
  mcp: 'stdio',
  projectDir: '/shop',
  userId: 'agent',
  semanticCompute: false,
  semanticComputeUrl: undefined,
  databaseIntrospectionUrl: undefined,
  executeQueries: false,
  memoryCapture: false,
  memoryModel: undefined,
  cliVersion: '0.2.0',
  runtimeInstallPolicy: 'auto',
} satisfies KtxServeArgs;
void runKtxServeStdio(serve, {
  loadProject: async () => project,
  createContextTools: (_project, options) => {
    void options.localIngest.pullConfigOptions;
    return { connections: { list: async () => [] } };
  },
  createIngestAdapters: () => [],
  managedRuntimeIo: io,
  createServer: () => ({ connect: async () => undefined }),
  stderr: { write: () => undefined },
});

export { code, localIngestAdapterOptions };
