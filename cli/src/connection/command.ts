/** `ktx connection …`: the connections of a project. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeArgs } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';

/** Registers the group. */
export function registerConnectionCommands(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  const connection = program.command('connection').description('list and test the connections of a project');

  addFormatFlag(connection.command('list'))
    .description('list the connections, without their secrets')
    .action(async (_: unknown, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      context.exit(await deps.connection({ command: 'list', projectDir, ...outputOf(command) }, io));
    });

  addJsonFlag(addTrustFlag(addRuntimeFlags(connection.command('test'))))
    .description('connect and count the tables')
    .argument('<connectionId>', 'connection in ktx.yaml')
    .action(async (connectionId: string, flags: RuntimeFlags & ParsedTrustFlag, command: Command) => {
      const runtime = await runtimeArgs(flags, command, context);
      const args = { command: 'test', ...runtime, connectionId, ...trustOf(flags) } as const;
      context.exit(await deps.connection({ ...args, ...jsonFlag(command) }, io));
    });
}
