/** `ktx serve`: its flags. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addIntrospectionUrlFlag, type IntrospectionFlags, ingestArgs, requireHttpUrl } from '../flags/daemon-url.js';
import { addRuntimeFlags, type RuntimeFlags } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { type KtxMcpToolset, TOOLSETS } from '../mcp/toolset.js';
import { environmentOption } from '../terminal/io.js';

interface ServeFlags extends RuntimeFlags, IntrospectionFlags, ParsedTrustFlag {
  mcp: 'stdio';
  semanticCompute?: boolean;
  semanticComputeUrl?: string;
  executeQueries?: boolean;
  tools?: KtxMcpToolset[];
  userId: string;
}

/** Registers the command. */
export function registerServeCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  const mcp = new Option('--mcp <transport>', 'protocol and transport').choices(['stdio']).makeOptionMandatory();
  addTrustFlag(addRuntimeFlags(addIntrospectionUrlFlag(program.command('serve'))))
    .description('serve the project to agents over the Model Context Protocol')
    .addOption(mcp)
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
    .option('--user-id <id>', 'user that the agent acts for, named in the log of the server', 'local')
    .action(async (flags: ServeFlags, command: Command) => {
      const { semanticComputeUrl } = flags;
      const computeUrl =
        semanticComputeUrl === undefined
          ? {}
          : { semanticComputeUrl: requireHttpUrl('--semantic-compute-url', semanticComputeUrl) };
      const args = {
        mcp: flags.mcp,
        ...(await ingestArgs(flags, command, context)),
        userId: flags.userId,
        semanticCompute: flags.semanticCompute ?? false,
        ...computeUrl,
        executeQueries: flags.executeQueries ?? false,
        ...(flags.tools === undefined ? {} : { toolsets: flags.tools }),
        ...trustOf(flags),
        ...environmentOption(io),
      } as const;
      context.exit(await deps.serve(args, io));
    });
}

function toToolsets(text: string): KtxMcpToolset[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !TOOLSETS.some((toolset) => toolset === name));
  if (unknown === undefined) return TOOLSETS.filter((toolset) => names.includes(toolset));
  throw new InvalidArgumentError(`There is no toolset ${unknown}: choose ${TOOLSETS.join(', ')}.`);
}
