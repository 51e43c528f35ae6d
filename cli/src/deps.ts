/** What the command tree calls; each part loads when its command runs, and a host or a test may replace it. */

import type { KtxConnectionArgs } from './connection.js';
import type { KtxIngestArgs } from './ingest.js';
import type { KtxInitArgs } from './init.js';
import type { CliIo } from './io.js';
import type { KtxRuntimeArgs } from './runtime.js';
import type { KtxScanArgs } from './scan.js';
import type { KtxServeArgs } from './serve.js';
import type { KtxSetupArgs } from './setup.js';
import type { KtxSlArgs } from './sl.js';
import type { KtxTrustArgs } from './trust.js';

/** Runs one command group; the answer is the exit code, a failure is a rejection. */
export type CommandRunner<Args> = (args: Args, io: CliIo) => Promise<number>;

/** The command groups, and the version that they are told. */
export interface KtxCliDeps {
  cliVersion: string;
  connection: CommandRunner<KtxConnectionArgs>;
  ingest: CommandRunner<KtxIngestArgs>;
  init: CommandRunner<KtxInitArgs>;
  runtime: CommandRunner<KtxRuntimeArgs>;
  scan: CommandRunner<KtxScanArgs>;
  serve: CommandRunner<KtxServeArgs>;
  setup: CommandRunner<KtxSetupArgs>;
  sl: CommandRunner<KtxSlArgs>;
  trust: CommandRunner<KtxTrustArgs>;
}

/** The real commands. */
export const realCommands: Omit<KtxCliDeps, 'cliVersion'> = {
  connection: async (args, io) => (await import('./connection.js')).runKtxConnection(args, io),
  ingest: async (args, io) => (await import('./ingest.js')).runKtxIngest(args, io),
  init: async (args, io) => (await import('./init.js')).runKtxInit(args, io),
  runtime: async (args, io) => (await import('./runtime.js')).runKtxRuntime(args, io),
  scan: async (args, io) => (await import('./scan.js')).runKtxScan(args, io),
  serve: async (args, io) => (await import('./serve.js')).serveProcess(args, io),
  setup: async (args, io) => (await import('./setup.js')).runKtxSetup(args, io),
  sl: async (args, io) => (await import('./sl.js')).runKtxSl(args, io),
  trust: async (args, io) => (await import('./trust.js')).runKtxTrust(args, io),
};
