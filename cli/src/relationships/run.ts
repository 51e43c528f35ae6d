/** Runs `ktx relationships …`. */

import type { KtxRelationshipStatus } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printTable, printWarnings } from '../output/print.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { parseColumns } from './columns.js';
import { relationshipsTable, renderAnswer } from './view.js';

interface CommonArgs {
  /** Absolute. */
  projectDir: string;
  /** Default: the only database of the project. */
  connectionId?: string;
}

/** Arguments of the group. */
export type KtxRelationshipsArgs = CommonArgs &
  (
    | ({ command: 'list'; status?: KtxRelationshipStatus } & OutputOptions)
    /** `from` and `to` are `table.column` or `table(column, column)`; without `to`, `from` is a key. */
    | { command: 'accept' | 'reject'; from: string; to?: string; json?: true }
  );

/** Functions of the addon that the group calls; tests may replace them. */
export type KtxRelationshipsDeps = Partial<
  Pick<typeof addon, 'loadKtxProject' | 'listKtxRelationships' | 'answerKtxRelationship'>
>;

/** Runs one command of the group. */
export async function runKtxRelationships(
  args: KtxRelationshipsArgs,
  io: CliIo,
  deps: KtxRelationshipsDeps = {},
): Promise<number> {
  const calls = { ...addon, ...deps };
  const project = { projectDir: args.projectDir, ...environmentOption(io) };
  // Arguments that cannot be parsed are reported before the project is read.
  const answer = args.command === 'list' ? undefined : answerOf(args);
  const loaded = await calls.loadKtxProject(project);
  printWarnings(io, loaded.warnings);
  const selected = { ...project, connectionId: args.connectionId ?? findOnlyDatabase(loaded) };
  if (args.command === 'list') {
    const status = args.status === undefined ? {} : { status: args.status };
    const list = await calls.listKtxRelationships({ ...selected, ...status });
    printWarnings(io, list.warnings ?? []);
    await printTable(io, args, list, () => relationshipsTable(list));
  } else if (answer !== undefined) {
    const recorded = await calls.answerKtxRelationship({ ...selected, ...answer });
    await printResult(io, args.json, recorded, () => renderAnswer(recorded));
  }
  return 0;
}

function answerOf({ command, from, to }: { command: 'accept' | 'reject'; from: string; to?: string }) {
  const status = command === 'accept' ? ('accepted' as const) : ('rejected' as const);
  return { from: parseColumns(from), ...(to === undefined ? {} : { to: parseColumns(to) }), status };
}
