/** `ktx relationships …`: their flags. */

import type { KtxRelationshipStatus } from '@kaelio/ktx';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addConnectionFlag, type ConnectionFlag, connectionOf } from '../flags/connection.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';

interface ListFlags extends ConnectionFlag {
  status?: KtxRelationshipStatus;
}

const STATUSES: readonly KtxRelationshipStatus[] = ['accepted', 'review', 'rejected'];

const COLUMNS = 'table.column, or table(column, column)';

/** Registers the group. */
export function registerRelationshipsCommands(program: Command, context: CommandContext): void {
  const group = program.command('relationships').description('review detected keys and relationships');
  registerList(group, context);
  registerAnswer(group, context, 'accept', 'use a relationship, or a key');
  registerAnswer(group, context, 'reject', 'never use a relationship, or a key');
}

function registerList(group: Command, { deps, io, exit }: CommandContext): void {
  addConnectionFlag(addFormatFlag(group.command('list')))
    .description('list the keys and relationships of the newest scan with --relationships')
    .addOption(new Option('--status <status>', 'those of this status only').choices(STATUSES))
    .action(async ({ status, ...flags }: ListFlags, command: Command) => {
      const filter = status === undefined ? {} : { status };
      const projectDir = await projectDirOf(command, io);
      const args = { command: 'list', projectDir, ...filter, ...connectionOf(flags), ...outputOf(command) } as const;
      exit(await deps.relationships(args, io));
    });
}

function registerAnswer(
  group: Command,
  { deps, io, exit }: CommandContext,
  command: 'accept' | 'reject',
  description: string,
): void {
  addConnectionFlag(addJsonFlag(group.command(command)))
    .description(description)
    .argument('<from>', `referencing columns, or those of a key: ${COLUMNS}`)
    .argument('[to]', 'referenced columns')
    .action(async (from: string, to: string | undefined, flags: ConnectionFlag, parsed: Command) => {
      const columns = to === undefined ? { from } : { from, to };
      const projectDir = await projectDirOf(parsed, io);
      const args = { command, projectDir, ...columns, ...connectionOf(flags), ...jsonFlag(parsed) } as const;
      exit(await deps.relationships(args, io));
    });
}
