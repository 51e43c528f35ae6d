/** `status` and `report`, below every command whose runs are recorded. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';

/** Which recorded runs are asked for; `projectDir` is absolute. */
export type RunQuery =
  | { command: 'status'; projectDir: string; runId?: string }
  | { command: 'report'; projectDir: string; runId: string };

/** Registers both; `noun` is what a run is called, `check` refuses a call before anything is looked up. */
export function registerRunQueries(
  group: Command,
  noun: string,
  context: CommandContext,
  show: (query: RunQuery, command: Command) => Promise<number>,
  check: (command: Command) => void = () => {},
): void {
  const ask = async (command: Command, query: (projectDir: string) => RunQuery) => {
    check(command);
    context.exit(await show(query(await projectDirOf(command, context.io)), command));
  };
  addJsonFlag(group.command('status'))
    .description(`list the last ${noun}s, or show one`)
    .argument('[run]', 'id of a run')
    .action((runId: string | undefined, _: unknown, command: Command) =>
      ask(command, (projectDir) => ({ command: 'status', projectDir, ...(runId === undefined ? {} : { runId }) })),
    );
  addJsonFlag(group.command('report'))
    .description(`show everything that a ${noun} found`)
    .argument('<run>', 'id of a run')
    .action((runId: string, _: unknown, command: Command) =>
      ask(command, (projectDir) => ({ command: 'report', projectDir, runId })),
    );
}
