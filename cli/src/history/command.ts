/** `ktx history`: its flags. */

import type { KtxCallerKind } from '@kaelio/ktx';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addConnectionFlag, type ConnectionFlag, connectionOf } from '../flags/connection.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { projectDirOf } from '../flags/project-dir.js';
import { parseRowCount } from '../flags/row-limit.js';

interface HistoryFlags extends ConnectionFlag {
  top: number;
  table?: string;
  by?: KtxCallerKind;
}

const CALLERS: readonly KtxCallerKind[] = ['person', 'service_account', 'scheduler', 'bi_tool'];

/** Registers the command. */
export function registerHistoryCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  addConnectionFlag(addFormatFlag(program.command('history')))
    .description('show what has been asked of a database, by total time')
    .addOption(new Option('--top <n>', 'number of statements').argParser(parseRowCount).default(20))
    .option('--table <name>', 'statements on this table or view only')
    .addOption(new Option('--by <caller>', 'statements of this kind of caller only').choices(CALLERS))
    .action(async ({ top, table, by, ...flags }: HistoryFlags, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      const filter = { top, ...(table === undefined ? {} : { table }), ...(by === undefined ? {} : { by }) };
      context.exit(await deps.history({ projectDir, ...filter, ...connectionOf(flags), ...outputOf(command) }, io));
    });
}
