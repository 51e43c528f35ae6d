/** `ktx serve`: the project as tools for agents. */

import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addIntrospectionUrlFlag, httpUrl, type IntrospectionFlags, ingestArgs } from '../flags/daemon-url.js';
import { addRuntimeFlags, type RuntimeFlags } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';

interface ServeFlags extends RuntimeFlags, IntrospectionFlags, ParsedTrustFlag {
  mcp: 'stdio';
  semanticCompute?: boolean;
  semanticComputeUrl?: string;
  executeQueries?: boolean;
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
      'compute semantic queries through the managed runtime (done without the flag as well)',
    )
    .option('--semantic-compute-url <url>', 'daemon to compute semantic queries with, in place of the managed one')
    .option('--execute-queries', 'offer sql_execute, and let sl_query run what it compiled: read-only and limited')
    .option('--user-id <id>', "who the agent acts for: named in the server's log", 'local')
    .action(async (flags: ServeFlags, command: Command) => {
      const { semanticComputeUrl } = flags;
      const computeUrl =
        semanticComputeUrl === undefined
          ? {}
          : { semanticComputeUrl: httpUrl('--semantic-compute-url', semanticComputeUrl) };
      const args = {
        mcp: flags.mcp,
        ...(await ingestArgs(flags, command, context)),
        userId: flags.userId,
        semanticCompute: flags.semanticCompute ?? false,
        ...computeUrl,
        executeQueries: flags.executeQueries ?? false,
        ...trustOf(flags),
      } as const;
      context.exit(await deps.serve(args, io));
    });
}
