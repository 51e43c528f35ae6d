/** `ktx setup` and `ktx setup demo`: their flags. */

import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { AGENT_CLIENTS } from '../agents/clients.js';
import type { CommandContext } from '../command-context.js';
import { addKeyFlags, type KeyFlags, keysOf, secretOf } from '../connection/flags.js';
import { isProjectMissing } from '../errors.js';
import { rejectGroupFlags } from '../flags/group.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { explicitProjectDir, namedProjectDir, projectDirOf } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeInstallPolicy } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { type CliIo, workingDirOf } from '../terminal/io.js';
import type { AgentFlags } from './guided/agents.js';
import type { TableSelection } from './guided/tables.js';

const DEMO_DIR = 'ktx-demo';

interface SetupFlags extends RuntimeFlags, ParsedTrustFlag, KeyFlags {
  name?: string;
  connectionId?: string;
  dbtProfile?: string;
  include?: string[];
  exclude?: string[];
  question: boolean;
  /** `false` for `--no-agents`. */
  agents: boolean;
  agent?: AgentFlags['clients'];
  executeQueries?: boolean;
}

/** Registers the group. */
export function registerSetupCommands(program: Command, context: CommandContext): void {
  const setup = program
    .command('setup')
    .summary('from nothing to an answer; without a database: ktx setup demo')
    .description(
      'ask for a connection, test it, scan it, generate semantic sources, answer a first question and connect agents; ' +
        'a second run continues, and flags answer in advance',
    );
  registerGuided(setup, context);
  registerDemo(setup, context);
}

function registerGuided(setup: Command, { deps, io, exit }: CommandContext): void {
  const agent = new Option('--agent <client...>', 'agent to connect; may be repeated').choices(AGENT_CLIENTS);
  addJsonFlag(addTrustFlag(addRuntimeFlags(addKeyFlags(setup))))
    .option('--name <name>', 'name of a new project (default: that of the folder)')
    .option('--connection-id <id>', 'connection to set up, or name of the new one')
    .option('--dbt-profile <name>', 'connection from profiles.yml of dbt, such as shop.dev')
    .option('--include <pattern...>', 'tables to scan, such as "sales.*" (default: all)')
    .option('--exclude <pattern...>', 'tables to leave out')
    .option('--no-question', 'ask no first question')
    .addOption(agent)
    .option('--no-agents', 'connect no agents')
    .option('--execute-queries', 'let agents run queries: read-only and limited')
    .option('--no-execute-queries', 'give agents the SQL of their questions only')
    .action(async (flags: SetupFlags, command: Command) => {
      const args = {
        command: 'guided',
        projectDir: await setupDir(command, io),
        cliVersion: deps.cliVersion,
        installPolicy: await runtimeInstallPolicy(flags),
        yes: flags.yes ?? false,
        ...(flags.name === undefined ? {} : { projectName: flags.name }),
        connection: await connectionFlags(flags),
        tables: tableFlags(flags),
        question: flags.question,
        agents: agentFlags(flags),
        ...trustOf(flags),
        ...jsonFlag(command),
      } as const;
      exit(await deps.setup(args, io));
    });
}

function registerDemo(setup: Command, { deps, io, exit }: CommandContext): void {
  addJsonFlag(addRuntimeFlags(setup.command('demo')))
    .description(
      `create a project with a sample warehouse (default: ./${DEMO_DIR}), scan it, and run analyses and a query`,
    )
    .action(async (_: unknown, command: Command) => {
      rejectGroupFlags(setup, command, ['json', 'yes', 'input']);
      const installPolicy = await runtimeInstallPolicy(command.optsWithGlobals<RuntimeFlags>());
      const projectDir = explicitProjectDir(command, io) ?? join(workingDirOf(io), DEMO_DIR);
      const args = { command: 'demo', projectDir, cliVersion: deps.cliVersion, installPolicy } as const;
      exit(await deps.setup({ ...args, ...jsonFlag(command) }, io));
    });
}

/** The folder that is named, the project of the working folder or above it, or the working folder for a new project. */
async function setupDir(command: Command, io: CliIo): Promise<string> {
  const named = namedProjectDir(command, io);
  if (named !== undefined) return named;
  try {
    return await projectDirOf(command, io);
  } catch (error) {
    if (!isProjectMissing(error)) throw error;
    return workingDirOf(io);
  }
}

async function connectionFlags(flags: SetupFlags) {
  const { connectionId, dbtProfile } = flags;
  const { schemas: _, ...keys } = await keysOf(flags);
  return {
    keys,
    secret: secretOf(flags),
    ...(connectionId === undefined ? {} : { connectionId }),
    ...(dbtProfile === undefined ? {} : { dbtProfile }),
  };
}

function tableFlags({ schema, include, exclude }: SetupFlags): TableSelection {
  return {
    ...(schema === undefined ? {} : { schemas: schema }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
  };
}

function agentFlags({ agents, agent, executeQueries }: SetupFlags): AgentFlags {
  const clients = agents ? agent : [];
  return {
    ...(clients === undefined ? {} : { clients }),
    ...(executeQueries === undefined ? {} : { executeQueries }),
  };
}
