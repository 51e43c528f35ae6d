/** `ktx mcp …`: its flags. */

import { realpath } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CommandContext } from '../../command-context.js';
import { httpArgs } from '../../flags/http.js';
import { addJsonFlag, jsonFlag } from '../../flags/json.js';
import { projectDirOf } from '../../flags/project-dir.js';
import { addServerFlags, type ServerFlags, serverArgs } from '../../serve/command.js';
import type { CliIo } from '../../terminal/io.js';
import { environmentOption } from '../../terminal/io.js';
import type { KtxMcpArgs } from './run.js';

/** Registers the group. */
export function registerMcpCommands(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  const { cliVersion } = deps;
  const mcp = program.command('mcp').description('manage the MCP server of the project in the background');
  const run = async (args: KtxMcpArgs) => context.exit(await deps.mcp(args, io));

  addJsonFlag(addServerFlags(mcp.command('start')))
    .description('start the server over HTTP, or reuse the running one')
    .option('--force', 'restart even if the server works')
    .action(async (flags: ServerFlags & { force?: boolean }, command: Command) => {
      const { projectDir } = await serverArgs(flags, command, context);
      const { port = 0, tokenFile } = httpArgs(flags, io);
      const { force = false } = flags;
      const serverFlags = flagsOf(flags, tokenFile, command, io);
      const target = {
        cliVersion,
        projectDir: await realpath(projectDir).catch(() => projectDir),
        ...jsonFlag(command),
      };
      await run({ command: 'start', ...target, port, force, tokenFile, serverFlags });
    });

  addJsonFlag(mcp.command('stop'))
    .description('stop the server')
    .action(async (_: unknown, command: Command) =>
      run({ command: 'stop', cliVersion, projectDir: await projectDirOf(command, io), ...jsonFlag(command) }),
    );

  addJsonFlag(mcp.command('status'))
    .description('show whether the server answers, and how to connect to it')
    .option('--show-token', 'print the bearer token')
    .action(async ({ showToken = false }: { showToken?: boolean }, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      await run({ command: 'status', cliVersion, projectDir, showToken, ...jsonFlag(command) });
    });

  mcp
    .command('logs')
    .description('show the log of the server')
    .option('-f, --follow', 'keep printing new lines until interrupted')
    .action(async ({ follow = false }: { follow?: boolean }, command: Command) =>
      run({ command: 'logs', cliVersion, projectDir: await projectDirOf(command, io), follow }),
    );
}

/** The flags of `ktx serve` with the values of these, without the port. */
function flagsOf(flags: ServerFlags, tokenFile: string | undefined, command: Command, io: CliIo): string[] {
  const values: Record<string, string | undefined> = {
    '--public-url': flags.publicUrl,
    '--token-file': tokenFile,
    '--database-introspection-url': flags.databaseIntrospectionUrl,
    '--semantic-compute-url': flags.semanticComputeUrl,
    '--tools': flags.tools?.join(','),
    '--user-id': flags.userId,
    '--env': environmentOption(io).environment,
    '--log-level': command.optsWithGlobals<{ logLevel?: string }>().logLevel,
  };
  const switches = {
    '--execute-queries': flags.executeQueries,
    '--trust': flags.trust,
    '--yes': flags.yes,
    '--no-input': flags.input === false,
  };
  const set = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return [...set, ...Object.entries(switches).flatMap(([name, isSet]) => (isSet === true ? [name] : []))];
}
