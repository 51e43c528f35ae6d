/** The subcommands `status` and `report` of scan and ingest. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addFormatFlag } from '../flags/format.js';
import { projectDirOf } from '../flags/project-dir.js';
import type { RunQuery } from './query.js';

const RUN = 'id of a run, the beginning of one, or latest';

/** Registers both; `noun` names a run in the help, `check` may reject an invocation before the runs are read. */
export function registerRunQueries(
  group: Command,
  noun: string,
  context: CommandContext,
  show: (query: RunQuery, command: Command) => Promise<number>,
  check: (command: Command) => void = () => {},
): void {
  const common = async (flags: { all?: true }, command: Command) => {
    check(command);
    const projectDir = await projectDirOf(command, context.io);
    return { projectDir, ...(flags.all === undefined ? {} : { all: flags.all }) };
  };
  addFormatFlag(group.command('status'))
    .description(`list the last ${noun}s, or show one`)
    .argument('[run]', RUN)
    .option('--all', `list every ${noun}, or every change of one`)
    .action(async (runId: string | undefined, flags: { all?: true }, command: Command) => {
      const query = { command: 'status', ...(await common(flags, command)) } as const;
      context.exit(await show(runId === undefined ? query : { ...query, runId }, command));
    });
  addFormatFlag(group.command('report'))
    .description(`show the report of a ${noun}`)
    .argument('<run>', RUN)
    .option('--all', 'list every change and the work to do')
    .action(async (runId: string, flags: { all?: true }, command: Command) =>
      context.exit(await show({ command: 'report', ...(await common(flags, command)), runId }, command)),
    );
}
