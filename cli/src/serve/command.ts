/** `ktx serve`: its flags. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { CliError } from '../errors.js';
import { addIntrospectionUrlFlag, type IntrospectionFlags, ingestArgs, requireHttpUrl } from '../flags/daemon-url.js';
import { addHttpFlags, type HttpFlags, httpArgs, setHttpFlags } from '../flags/http.js';
import { addRuntimeFlags, type RuntimeFlags } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { type KtxMcpToolset, TOOLSETS } from '../mcp/toolset.js';
import { environmentOption } from '../terminal/io.js';

/** Parsed flags that `ktx mcp start` has, too. */
export interface ServerFlags extends RuntimeFlags, IntrospectionFlags, ParsedTrustFlag, HttpFlags {
  semanticCompute?: boolean;
  semanticComputeUrl?: string;
  executeQueries?: boolean;
  tools?: KtxMcpToolset[];
  userId: string;
}

interface ServeFlags extends ServerFlags {
  mcp: 'stdio' | 'http';
}

/** Registers the command. */
export function registerServeCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  const mcp = new Option('--mcp <transport>', 'transport of the protocol')
    .choices(['stdio', 'http'])
    .makeOptionMandatory();
  addServerFlags(
    program
      .command('serve')
      .description('serve the project to agents over the Model Context Protocol')
      .addOption(mcp)
      .option('--host <address>', 'HTTP: address to listen on (default: 127.0.0.1)'),
  ).action(async (flags: ServeFlags, command: Command) => {
    const http = httpOf(flags, context);
    const args = { mcp: flags.mcp, ...(await serverArgs(flags, command, context)), ...http };
    context.exit(await deps.serve(args, io));
  });
}

/** Adds the flags of a server of either transport. */
export function addServerFlags(command: Command): Command {
  return addTrustFlag(addRuntimeFlags(addIntrospectionUrlFlag(addHttpFlags(command))))
    .option(
      '--semantic-compute',
      'compute semantic queries with the managed runtime (always on; accepted for compatibility)',
    )
    .option(
      '--semantic-compute-url <url>',
      'URL of the daemon that computes semantic queries, instead of the managed one',
    )
    .option('--execute-queries', 'enable sql_execute, and execution in sl_query: read-only, with a row limit')
    .option(
      '--tools <sets>',
      `offer some tools only: ${TOOLSETS.join(', ')}, separated by commas (default: all)`,
      toToolsets,
    )
    .option('--user-id <id>', 'user that the agent acts for, named in the log of the server', 'local');
}

/** Arguments of a server of either transport. */
export async function serverArgs(flags: ServerFlags, command: Command, context: CommandContext) {
  const { semanticComputeUrl } = flags;
  const computeUrl =
    semanticComputeUrl === undefined
      ? {}
      : { semanticComputeUrl: requireHttpUrl('--semantic-compute-url', semanticComputeUrl) };
  return {
    ...(await ingestArgs(flags, command, context)),
    userId: flags.userId,
    semanticCompute: flags.semanticCompute ?? false,
    ...computeUrl,
    executeQueries: flags.executeQueries ?? false,
    ...(flags.tools === undefined ? {} : { toolsets: flags.tools }),
    ...trustOf(flags),
    ...environmentOption(context.io),
  };
}

function httpOf(flags: ServeFlags, { io }: CommandContext) {
  if (flags.mcp === 'http') return { http: httpArgs(flags, io) };
  const [flag] = setHttpFlags(flags);
  if (flag === undefined) return {};
  throw new CliError('KTX_ARGUMENT_INVALID', `${flag} needs --mcp http`);
}

function toToolsets(text: string): KtxMcpToolset[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !TOOLSETS.some((toolset) => toolset === name));
  if (unknown === undefined) return TOOLSETS.filter((toolset) => names.includes(toolset));
  throw new InvalidArgumentError(`There is no toolset ${unknown}: choose ${TOOLSETS.join(', ')}.`);
}
