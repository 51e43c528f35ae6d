/** `ktx connection …`: the connections of a project. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { CliError } from '../errors.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeArgs } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { addKeyFlags, type KeyFlags, keysOf, secretOf } from './flags.js';

interface ChangeFlags extends KeyFlags, RuntimeFlags, ParsedTrustFlag {
  test: boolean;
  force?: boolean;
  unset?: string[];
}

/** Registers the group. */
export function registerConnectionCommands(program: Command, context: CommandContext): void {
  const connection = program.command('connection').description('the connections of a project');
  registerList(connection, context);
  registerAdd(connection, context);
  registerEdit(connection, context);
  registerRemove(connection, context);
  registerTest(connection, context);
}

function registerList(connection: Command, { deps, io, exit }: CommandContext): void {
  addFormatFlag(connection.command('list'))
    .description('list the connections, without their secrets')
    .action(async (_: unknown, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      exit(await deps.connection({ command: 'list', projectDir, ...outputOf(command) }, io));
    });
}

function registerAdd(connection: Command, context: CommandContext): void {
  addChangeFlags(connection.command('add'))
    .description('add a connection, after a test; on a terminal, missing answers are asked for')
    .argument('[connectionId]', 'name of the connection')
    .action(async (connectionId: string | undefined, flags: ChangeFlags, command: Command) => {
      await change('add', connectionId, flags, command, context);
    });
}

function registerEdit(connection: Command, context: CommandContext): void {
  addChangeFlags(connection.command('edit'))
    .description('change a connection, after a test')
    .argument('[connectionId]', 'connection in ktx.yaml (default: the only one)')
    .option('--unset <key...>', 'remove a key of the connection; may be repeated')
    .action(async (connectionId: string | undefined, flags: ChangeFlags, command: Command) => {
      await change('edit', connectionId, flags, command, context);
    });
}

function registerRemove(connection: Command, { deps, io, exit }: CommandContext): void {
  addJsonFlag(connection.command('remove'))
    .description('remove a connection from ktx.yaml, and its stored secrets')
    .argument('[connectionId]', 'connection in ktx.yaml (default: the only one)')
    .option('-y, --yes', 'do not ask')
    .action(async (connectionId: string | undefined, flags: { yes?: boolean }, command: Command) => {
      rejectEnvironment(command);
      const projectDir = await projectDirOf(command, io);
      const args = { command: 'remove', projectDir, ...named(connectionId), yes: flags.yes ?? false } as const;
      exit(await deps.connection({ ...args, ...jsonFlag(command) }, io));
    });
}

function registerTest(connection: Command, context: CommandContext): void {
  addJsonFlag(addTrustFlag(addRuntimeFlags(connection.command('test'))))
    .description('connect and count the tables')
    .argument('[connectionId]', 'connection in ktx.yaml (default: the only one)')
    .option('--all', 'test every connection')
    .action(async (connectionId: string | undefined, flags: TestFlags, command: Command) => {
      if (flags.all === true && connectionId !== undefined) {
        const message = 'A connection and --all exclude each other';
        throw new CliError('KTX_ARGUMENT_INVALID', message, 'Leave one of them out');
      }
      const runtime = await runtimeArgs(flags, command, context);
      const which = { ...named(connectionId), all: flags.all ?? false };
      const args = { command: 'test', ...runtime, ...which, ...trustOf(flags), ...jsonFlag(command) } as const;
      context.exit(await context.deps.connection(args, context.io));
    });
}

interface TestFlags extends RuntimeFlags, ParsedTrustFlag {
  all?: boolean;
}

function addChangeFlags(command: Command): Command {
  return addKeyFlags(addJsonFlag(addTrustFlag(addRuntimeFlags(command))))
    .option('--no-test', 'do not connect before the change')
    .option('--force', 'change ktx.yaml even if the test fails');
}

async function change(
  kind: 'add' | 'edit',
  connectionId: string | undefined,
  flags: ChangeFlags,
  command: Command,
  context: CommandContext,
): Promise<void> {
  rejectEnvironment(command);
  const args = {
    command: kind,
    ...(await runtimeArgs(flags, command, context)),
    ...named(connectionId),
    keys: await keysOf(flags),
    secret: secretOf(flags),
    unset: flags.unset ?? [],
    test: flags.test,
    force: flags.force ?? false,
    ...trustOf(flags),
    ...jsonFlag(command),
  } as const;
  context.exit(await context.deps.connection(args, context.io));
}

function named(connectionId: string | undefined): { connectionId?: string } {
  return connectionId === undefined ? {} : { connectionId };
}

/** The commands that change `ktx.yaml` change the connection of all environments. */
function rejectEnvironment(command: Command): void {
  if (command.optsWithGlobals<{ env?: string }>().env === undefined) return;
  const message = `ktx connection ${command.name()} changes the connection of all environments`;
  throw new CliError('KTX_ARGUMENT_INVALID', message, 'Remove --env, and edit environments in ktx.yaml by hand');
}
