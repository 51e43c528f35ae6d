/**
 * `@kaelio/ktx/cli`: the command line and its commands, for hosts that run them in-process.
 *
 * Every command resolves with an exit code (0 done, 1 failed or refused) or rejects with an `Error` that has a `code`;
 * {@link runKtxCli} prints such errors and never rejects.
 *
 * @packageDocumentation
 */

export { runKtxCli } from './cli.js';
export type { KtxCliDeps } from './deps.js';
export type {
  CreateLocalIngestAdapters,
  LocalIngestAdapter,
  RunLocalIngest,
  RunLocalIngestOptions,
  RunLocalScan,
  RunLocalScanOptions,
} from './ingest/local-ingest.js';
export { createKtxCliLocalIngestAdapters } from './ingest/local-ingest.js';
export type { KtxIngestArgs, KtxIngestDeps, KtxIngestOutputMode } from './ingest/run.js';
export { runKtxIngest } from './ingest/run.js';
export type { KtxMcpCall } from './mcp/call.js';
export { createLocalProjectMcpContextPorts } from './mcp/context/create.js';
export type { KtxMcpContextOptions, KtxMcpContextTools } from './mcp/context-tools.js';
export type { KtxMcpServer, KtxMcpServerOptions } from './mcp/server.js';
export type { KtxScanArgs, KtxScanDeps } from './scan/run.js';
export { runKtxScan } from './scan/run.js';
export type { KtxServeArgs, KtxServeDeps } from './serve/run.js';
export { runKtxServeStdio } from './serve/run.js';
export type { CliIo } from './terminal/io.js';
