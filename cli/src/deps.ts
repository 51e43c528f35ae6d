/** Runners of the command groups. Each is loaded when its command runs; hosts and tests may replace them. */

import type { KtxAgentsArgs } from './agents/run.js';
import type { KtxConnectionArgs } from './connection/run.js';
import type { KtxDocsArgs } from './docs/run.js';
import type { KtxHistoryArgs } from './history/run.js';
import type { KtxIngestArgs } from './ingest/run.js';
import type { KtxInitArgs } from './init/run.js';
import type { KtxMcpArgs } from './mcp/background/run.js';
import type { KtxOpenArgs } from './open/run.js';
import type { KtxRelationshipsArgs } from './relationships/run.js';
import type { KtxRuntimeArgs } from './runtime/run.js';
import type { KtxScanArgs } from './scan/run.js';
import type { KtxSearchArgs } from './search/run.js';
import type { KtxServeArgs } from './serve/run.js';
import type { KtxSetupArgs } from './setup/run.js';
import type { KtxSlArgs } from './sl/run.js';
import type { KtxSqlArgs } from './sql/run.js';
import type { KtxStatusArgs } from './status/run.js';
import type { KtxTableArgs } from './table/run.js';
import type { CliIo } from './terminal/io.js';
import type { KtxTrustArgs } from './trust/run.js';

/** Runs one command group; resolves with the exit code and rejects on failure. */
export type CommandRunner<Args> = (args: Args, io: CliIo) => Promise<number>;

/** Runners of the command groups, and the version passed to them. */
export interface KtxCliDeps {
  cliVersion: string;
  agents: CommandRunner<KtxAgentsArgs>;
  connection: CommandRunner<KtxConnectionArgs>;
  docs: CommandRunner<KtxDocsArgs>;
  ingest: CommandRunner<KtxIngestArgs>;
  history: CommandRunner<KtxHistoryArgs>;
  relationships: CommandRunner<KtxRelationshipsArgs>;
  init: CommandRunner<KtxInitArgs>;
  mcp: CommandRunner<KtxMcpArgs>;
  open: CommandRunner<KtxOpenArgs>;
  runtime: CommandRunner<KtxRuntimeArgs>;
  scan: CommandRunner<KtxScanArgs>;
  search: CommandRunner<KtxSearchArgs>;
  serve: CommandRunner<KtxServeArgs>;
  setup: CommandRunner<KtxSetupArgs>;
  sl: CommandRunner<KtxSlArgs>;
  sql: CommandRunner<KtxSqlArgs>;
  status: CommandRunner<KtxStatusArgs>;
  table: CommandRunner<KtxTableArgs>;
  trust: CommandRunner<KtxTrustArgs>;
}

/** Runners of the package. */
export const defaultCommands: Omit<KtxCliDeps, 'cliVersion'> = {
  agents: async (args, io) => (await import('./agents/run.js')).runKtxAgents(args, io),
  connection: async (args, io) => (await import('./connection/run.js')).runKtxConnection(args, io),
  docs: async (args, io) => (await import('./docs/run.js')).runKtxDocs(args, io),
  ingest: async (args, io) => (await import('./ingest/run.js')).runKtxIngest(args, io),
  history: async (args, io) => (await import('./history/run.js')).runKtxHistory(args, io),
  relationships: async (args, io) => (await import('./relationships/run.js')).runKtxRelationships(args, io),
  init: async (args, io) => (await import('./init/run.js')).runKtxInit(args, io),
  mcp: async (args, io) => (await import('./mcp/background/run.js')).runKtxMcp(args, io),
  open: async (args, io) => (await import('./open/run.js')).runKtxOpen(args, io),
  runtime: async (args, io) => (await import('./runtime/run.js')).runKtxRuntime(args, io),
  scan: async (args, io) => (await import('./scan/run.js')).runKtxScan(args, io),
  search: async (args, io) => (await import('./search/run.js')).runKtxSearch(args, io),
  serve: async (args, io) =>
    args.mcp === 'http'
      ? (await import('./serve/http.js')).runKtxServeHttp(args, io)
      : (await import('./serve/run.js')).serveProcess(args, io),
  setup: async (args, io) => (await import('./setup/run.js')).runKtxSetup(args, io),
  sl: async (args, io) => (await import('./sl/run.js')).runKtxSl(args, io),
  sql: async (args, io) => (await import('./sql/run.js')).runKtxSql(args, io),
  status: async (args, io) => (await import('./status/run.js')).runKtxStatus(args, io),
  table: async (args, io) => (await import('./table/run.js')).runKtxTable(args, io),
  trust: async (args, io) => (await import('./trust/run.js')).runKtxTrust(args, io),
};
