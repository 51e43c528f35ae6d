/** Runs `ktx history`. */

import * as addon from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import type { OutputOptions } from '../output/formats.js';
import { printTable, printWarnings } from '../output/print.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { historyTable } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxHistoryArgs extends OutputOptions {
  projectDir: string;
  /** Maximum number of statements. */
  top: number;
  /** A table, with or without its schema. */
  table?: string;
  /** Kind of caller. */
  by?: addon.KtxCallerKind;
  /** Default: the only database of the project. */
  connectionId?: string;
}

/** Functions of the addon that the command calls; tests may replace them. */
export type KtxHistoryDeps = Partial<Pick<typeof addon, 'loadKtxProject' | 'listKtxQueryHistory'>>;

/** Runs the command. */
export async function runKtxHistory(args: KtxHistoryArgs, io: CliIo, deps: KtxHistoryDeps = {}): Promise<number> {
  const calls = { ...addon, ...deps };
  const { top, table, by } = args;
  const selected = { projectDir: args.projectDir, ...environmentOption(io) };
  const project = await calls.loadKtxProject(selected);
  printWarnings(io, project.warnings);
  const connectionId = args.connectionId ?? findOnlyDatabase(project);
  const filter = { top, ...(table === undefined ? {} : { table }), ...(by === undefined ? {} : { by }) };
  const history = await calls.listKtxQueryHistory({ ...selected, connectionId, ...filter });
  await printTable(io, args, history, () => historyTable(history, { short: args.format === undefined }));
  return 0;
}
