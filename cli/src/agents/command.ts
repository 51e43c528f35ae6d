/** `ktx agents …`: connects the clients of agents to a project. */

import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { projectDirOf, resolveDir } from '../flags/project-dir.js';
import { AGENT_CLIENTS } from './clients.js';
import type { KtxAgentsArgs, KtxAgentsTarget } from './run.js';

interface TargetFlags {
  workspace?: string;
  name?: string;
}

interface ChangeFlags extends TargetFlags {
  client?: KtxAgentsArgs['clients'];
  global?: boolean;
  executeQueries?: boolean;
  force?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

/** Registers the group. */
export function registerAgentsCommands(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  const agents = program.command('agents').description('connect agents to a project');
  const target = async (flags: TargetFlags, command: Command): Promise<KtxAgentsTarget> => ({
    projectDir: await projectDirOf(command, io),
    ...(flags.workspace === undefined ? {} : { workspaceDir: resolveDir('--workspace', flags.workspace, io) }),
    ...(flags.name === undefined ? {} : { serverName: flags.name }),
    ...outputOf(command),
  });

  addChangeFlags(agents.command('install'))
    .description('write the MCP server, a skill and rules into the files that clients read')
    .option('--execute-queries', 'let agents run queries: read-only and limited')
    .option('--no-execute-queries', 'give agents the SQL of their questions only')
    .option('--force', 'replace a server of the same name and files of others')
    .option('-y, --yes', 'connect every client that is found, without asking')
    .action(async (flags: ChangeFlags, command: Command) => {
      const args = { command: 'install', ...(await target(flags, command)), ...changeArgs(flags) } as const;
      const { executeQueries } = flags;
      context.exit(await deps.agents({ ...args, ...(executeQueries === undefined ? {} : { executeQueries }) }, io));
    });

  addTargetFlags(agents.command('list'))
    .description('list the clients: which are installed here, and which are connected')
    .action(async (flags: TargetFlags, command: Command) => {
      context.exit(await deps.agents({ command: 'list', ...(await target(flags, command)), clients: [] }, io));
    });

  addChangeFlags(agents.command('remove'))
    .description('undo what install wrote')
    .option('--force', 'remove files that were edited since as well')
    .action(async (flags: ChangeFlags, command: Command) => {
      const args = { command: 'remove', ...(await target(flags, command)), ...changeArgs(flags) } as const;
      context.exit(await deps.agents(args, io));
    });
}

function addTargetFlags(command: Command): Command {
  return addFormatFlag(command)
    .option('--workspace <dir>', 'folder that agents work in (default: the root of version control, else the project)')
    .option('--name <name>', 'name of the MCP server (default: ktx)');
}

function addChangeFlags(command: Command): Command {
  const client = new Option('--client <client...>', 'client; may be repeated').choices(AGENT_CLIENTS);
  return addTargetFlags(command.addOption(client))
    .option('--global', 'for every folder of the user, not for one workspace')
    .option('--dry-run', 'print what would be done, and write nothing');
}

function changeArgs(flags: ChangeFlags) {
  return {
    clients: flags.client ?? [],
    scope: flags.global === true ? ('global' as const) : ('project' as const),
    force: flags.force ?? false,
    dryRun: flags.dryRun ?? false,
    yes: flags.yes ?? false,
  };
}
