/** Runs `ktx serve`: an MCP server on standard input and output. */

import type { KtxCliIo, KtxManagedPythonInstallPolicy, KtxProject } from '@kaelio/ktx';
import { loadKtxProject, managedPythonRuntimeLayout } from '@kaelio/ktx';
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
import type { KtxMcpToolset } from '../mcp/toolset.js';
import { packageVersion } from '../package-info.js';
import { type CliIo, environmentOption } from '../terminal/io.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxServeArgs {
  mcp: 'stdio' | 'http';
  projectDir: string;
  /** User that the agent acts for. */
  userId: string;
  semanticCompute: boolean;
  semanticComputeUrl?: string | undefined;
  databaseIntrospectionUrl?: string | undefined;
  /** Whether SQL may be executed on the connections. */
  executeQueries: boolean;
  /** Tools that are offered; default: all. */
  toolsets?: readonly KtxMcpToolset[] | undefined;
  /** Not available: `true` is an error. */
  memoryCapture?: boolean | undefined;
  memoryModel?: string | undefined;
  cliVersion?: string | undefined;
  /** Default `prompt`: asks the user of a client that shows forms, and refuses the call for other clients. */
  runtimeInstallPolicy?: KtxManagedPythonInstallPolicy | undefined;
  /** Use the secrets that the project refers to. Without it the project has to be trusted, as no prompt is possible. */
  trust?: 'always' | undefined;
  /** Environment of `ktx.yaml`; default: `KTX_ENV`. */
  environment?: string | undefined;
  /** Settings of the transport `http`. */
  http?: KtxServeHttpArgs | undefined;
}

/** Where `ktx serve --mcp http` listens, and its token. */
export interface KtxServeHttpArgs {
  /** Address to listen on; default: 127.0.0.1. */
  host?: string | undefined;
  /** Port to listen on; default: any free one. */
  port?: number | undefined;
  /** URL of the endpoint for clients of other machines. */
  publicUrl?: URL | undefined;
  /** Absolute path of the file with the bearer token; default: a file of the user, which is created. */
  tokenFile?: string | undefined;
}

/** Functions that the command calls; hosts and tests may replace each. */
export interface KtxServeDeps {
  loadProject?: (options: { projectDir: string; environment?: string }) => Promise<KtxProject>;
  createIngestAdapters?: CreateLocalIngestAdapters;
  createContextTools?: (project: KtxProject, options: KtxMcpContextOptions) => KtxMcpContextTools;
  createServer?: (options: KtxMcpServerOptions) => KtxMcpServer | Promise<KtxMcpServer>;
  createTransport?: () => Transport | Promise<Transport>;
  /** Streams for messages of the managed runtime. */
  managedRuntimeIo?: KtxCliIo;
  /** Target of the log of the server. */
  stderr?: { write(chunk: string): unknown };
  /** Stops the server. */
  signal?: AbortSignal;
}

/**
 * Serves a project until the client disconnects; resolves with the exit code.
 *
 * Starting needs neither the runtime nor a database: the first call that needs them uses them.
 */
export async function runKtxServeStdio(args: KtxServeArgs, deps: KtxServeDeps = {}): Promise<number> {
  const options = await prepareServer(args, deps);
  const server = await (deps.createServer ?? createDefaultServer)(options);
  await server.connect(await (deps.createTransport ?? createStdioTransport)());
  await waitUntilClosed(server, deps.signal);
  return 0;
}

/** Loads the project, and returns the options of its servers. */
export async function prepareServer(args: KtxServeArgs, deps: KtxServeDeps): Promise<KtxMcpServerOptions> {
  if (args.memoryCapture === true) {
    throw new CliError('KTX_ARGUMENT_INVALID', 'This version cannot capture memory', 'Leave memoryCapture out');
  }
  const stderr = deps.stderr ?? process.stderr;
  const notices = new Notices(stderr);
  const project = await (deps.loadProject ?? loadKtxProject)({
    projectDir: args.projectDir,
    ...environmentOption(args),
  });
  for (const warning of project.warnings ?? []) stderr.write(`Warning: ${warning}\n`);
  const contextTools = contextToolsOf(project, args, deps.managedRuntimeIo ?? notices.io, deps);
  return {
    name: 'ktx',
    version: args.cliVersion ?? packageVersion(),
    userContext: { userId: args.userId },
    contextTools,
    ...(args.toolsets === undefined ? {} : { toolsets: args.toolsets }),
    stderr,
    notices,
    describeRuntime: () => describeRuntime(args.cliVersion ?? packageVersion()),
  };
}

/** What a user should know before installing the runtime. */
function describeRuntime(cliVersion: string): string {
  const { runtimeRoot } = managedPythonRuntimeLayout({ cliVersion });
  return `It comes from your package index, and the core takes less than 50 MB below ${runtimeRoot}, 150 MB more without uv and Python.`;
}

/** Runs the command on the streams of the process. */
export function serveProcess(args: KtxServeArgs, io: CliIo): Promise<number> {
  return runKtxServeStdio(args, { stderr: io.stderr, ...(io.signal === undefined ? {} : { signal: io.signal }) });
}

function contextToolsOf(project: KtxProject, args: KtxServeArgs, io: KtxCliIo, deps: KtxServeDeps): KtxMcpContextTools {
  const { databaseIntrospectionUrl, cliVersion, runtimeInstallPolicy = 'prompt' } = args;
  const options = adapterOptions({ databaseIntrospectionUrl, cliVersion, runtimeInstallPolicy }, io);
  const create = deps.createIngestAdapters ?? createKtxCliLocalIngestAdapters;
  const createAdapters = (given: typeof options) => create(project, given);
  return (deps.createContextTools ?? createLocalProjectMcpContextPorts)(project, {
    userContext: { userId: args.userId },
    localIngest: { adapters: createAdapters(options), createAdapters, pullConfigOptions: options },
    ...(args.semanticComputeUrl === undefined ? {} : { semanticComputeUrl: args.semanticComputeUrl }),
    executeQueries: args.executeQueries,
    ...(args.trust === undefined ? {} : { trust: args.trust }),
    ...environmentOption(args),
  });
}

// Dynamic imports: no other command needs the protocol library.
async function createDefaultServer(options: KtxMcpServerOptions): Promise<KtxMcpServer> {
  return (await import('../mcp/server.js')).createKtxMcpServer(options);
}

async function createStdioTransport(): Promise<Transport> {
  return new (await import('../mcp/stdio/transport.js')).CheckedStdioTransport();
}

/** Waits until the connection is closed. An interruption closes it and is rethrown. */
async function waitUntilClosed(server: KtxMcpServer, signal: AbortSignal | undefined): Promise<void> {
  const close = () => void server.close?.();
  signal?.addEventListener('abort', close, { once: true });
  if (signal?.aborted) close();
  await server.closed;
  signal?.removeEventListener('abort', close);
  signal?.throwIfAborted();
}
