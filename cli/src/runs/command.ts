/** The subcommands `status` and `report` of scan and ingest. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';

/** The recorded runs to show; `projectDir` is absolute. */
export type RunQuery =
  | { command: 'status'; projectDir: string; runId?: string }
  | { command: 'report'; projectDir: string; runId: string };

/** Registers both; `noun` names a run in the help, `check` may reject an invocation before the runs are read. */
export function registerRunQueries(
  group: Command,
  noun: string,
  context: CommandContext,
  show: (query: RunQuery, command: Command) => Promise<number>,
  check: (command: Command) => void = () => {},
): void {
  const run = async (command: Command, query: (projectDir: string) => RunQuery) => {
    check(command);
    context.exit(await show(query(await projectDirOf(command, context.io)), command));
  };
  addJsonFlag(group.command('status'))
    .description(`list the last ${noun}s, or show one`)
    .argument('[run]', 'id of a run')
    .action((runId: string | undefined, _: unknown, command: Command) =>
      run(command, (projectDir) => ({ command: 'status', projectDir, ...(runId === undefined ? {} : { runId }) })),
    );
  addJsonFlag(group.command('report'))
    .description(`show the complete report of a ${noun}`)
    .argument('<run>', 'id of a run')
    .action((runId: string, _: unknown, command: Command) =>
      run(command, (projectDir) => ({ command: 'report', projectDir, runId })),
    );
}
