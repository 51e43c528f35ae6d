/** `ktx serve`: the project as tools for agents, over standard input and output. */

import type { KtxCliIo, KtxManagedPythonInstallPolicy, KtxProject } from '@kaelio/ktx';
import { loadKtxProject } from '@kaelio/ktx';
import type { Transport } from '@modelcontextprotocol/server';
import { CliError } from '../errors.js';
import {
  adapterOptions,
  type CreateLocalIngestAdapters,
  createKtxCliLocalIngestAdapters,
} from '../ingest/local-ingest.js';
import { createLocalProjectMcpContextPorts } from '../mcp/context/create.js';
import type { KtxMcpContextOptions, KtxMcpContextTools } from '../mcp/context-tools.js';
import { Notices } from '../mcp/notices.js';
import type { KtxMcpServer, KtxMcpServerOptions } from '../mcp/server.js';
import { packageVersion } from '../package-info.js';
import type { CliIo } from '../terminal/io.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxServeArgs {
  mcp: 'stdio';
  projectDir: string;
  /** Who the agent acts for. */
  userId: string;
  semanticCompute: boolean;
  semanticComputeUrl?: string | undefined;
  databaseIntrospectionUrl?: string | undefined;
  /** Whether SQL may be run on the connections. */
  executeQueries: boolean;
  /** Not available: `true` is refused. */
  memoryCapture?: boolean | undefined;
  memoryModel?: string | undefined;
  cliVersion?: string | undefined;
  /** Default `prompt`, which means no: standard input belongs to the protocol. */
  runtimeInstallPolicy?: KtxManagedPythonInstallPolicy | undefined;
  /** Use the secrets that the project refers to; without it the project has to be trusted, as there is no terminal to ask on. */
  trust?: 'always' | undefined;
}

/** What the command calls; a host or a test may replace each part. */
export interface KtxServeDeps {
  loadProject?: (options: { projectDir: string }) => Promise<KtxProject>;
  createIngestAdapters?: CreateLocalIngestAdapters;
  createContextTools?: (project: KtxProject, options: KtxMcpContextOptions) => KtxMcpContextTools;
  createServer?: (options: KtxMcpServerOptions) => KtxMcpServer | Promise<KtxMcpServer>;
  createTransport?: () => Transport | Promise<Transport>;
  /** Streams that the managed runtime reports on. */
  managedRuntimeIo?: KtxCliIo;
  /** Where the server's log goes. */
  stderr?: { write(chunk: string): unknown };
  /** Ends the server. */
  signal?: AbortSignal;
}

/**
 * Serves a project until the client goes away; resolves with the exit code.
 *
 * Starting needs neither the runtime nor a database: both are touched by the first call that needs them.
 */
export async function runKtxServeStdio(args: KtxServeArgs, deps: KtxServeDeps = {}): Promise<number> {
  if (args.memoryCapture === true) {
    throw new CliError('KTX_ARGUMENT_INVALID', 'This version cannot capture memory', 'Leave memoryCapture out');
  }
  const stderr = deps.stderr ?? process.stderr;
  const notices = new Notices(stderr);
  const project = await (deps.loadProject ?? loadKtxProject)({ projectDir: args.projectDir });
  for (const warning of project.warnings ?? []) stderr.write(`Warning: ${warning}\n`);
  const contextTools = contextToolsOf(project, args, deps.managedRuntimeIo ?? notices.io, deps);
  const server = await (deps.createServer ?? realServer)({
    name: 'ktx',
    version: args.cliVersion ?? packageVersion(),
    userContext: { userId: args.userId },
    contextTools,
    stderr,
    notices,
  });
  await server.connect(await (deps.createTransport ?? stdioTransport)());
  await until(server, deps.signal);
  return 0;
}

/** The command on the streams of this process. */
export function serveProcess(args: KtxServeArgs, io: CliIo): Promise<number> {
  return runKtxServeStdio(args, { stderr: io.stderr, ...(io.signal === undefined ? {} : { signal: io.signal }) });
}

function contextToolsOf(project: KtxProject, args: KtxServeArgs, io: KtxCliIo, deps: KtxServeDeps): KtxMcpContextTools {
  const { databaseIntrospectionUrl, cliVersion, runtimeInstallPolicy = 'prompt' } = args;
  const options = adapterOptions({ databaseIntrospectionUrl, cliVersion, runtimeInstallPolicy }, io);
  const adapters = (deps.createIngestAdapters ?? createKtxCliLocalIngestAdapters)(project, options);
  return (deps.createContextTools ?? createLocalProjectMcpContextPorts)(project, {
    userContext: { userId: args.userId },
    localIngest: { adapters, pullConfigOptions: options },
    ...(args.semanticComputeUrl === undefined ? {} : { semanticComputeUrl: args.semanticComputeUrl }),
    executeQueries: args.executeQueries,
    ...(args.trust === undefined ? {} : { trust: args.trust }),
  });
}

// The protocol's library is loaded by this command only.
async function realServer(options: KtxMcpServerOptions): Promise<KtxMcpServer> {
  return (await import('../mcp/server.js')).createKtxMcpServer(options);
}

async function stdioTransport(): Promise<Transport> {
  return new (await import('@modelcontextprotocol/server/stdio')).StdioServerTransport();
}

/** Waits for the end of a connection; an interruption ends it, and is the reason why. */
async function until(server: KtxMcpServer, signal: AbortSignal | undefined): Promise<void> {
  const end = () => void server.close?.();
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  await server.closed;
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
}
