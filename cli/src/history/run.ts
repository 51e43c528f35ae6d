/** Runs `ktx history`. */

import * as addon from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import type { OutputOptions } from '../output/formats.js';
import { printTable, printWarnings } from '../output/print.js';
import type { CliIo } from '../terminal/io.js';
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

/** Runs the command. */
export async function runKtxHistory(args: KtxHistoryArgs, io: CliIo): Promise<number> {
  const { projectDir, top, table, by } = args;
  const project = await addon.loadKtxProject({ projectDir });
  printWarnings(io, project.warnings);
  const connectionId = args.connectionId ?? findOnlyDatabase(project);
  const filter = { top, ...(table === undefined ? {} : { table }), ...(by === undefined ? {} : { by }) };
  const history = await addon.listKtxQueryHistory({ projectDir, connectionId, ...filter });
  await printTable(io, args, history, () => historyTable(history, { short: args.format === undefined }));
  return 0;
}
