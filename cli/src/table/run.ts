/** Runs `ktx table`. */

import * as addon from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printTable, printWarnings } from '../output/print.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { columnsTable, renderDescription, tablesTable } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxTableArgs extends OutputOptions {
  projectDir: string;
  /** Name of a table; without it, all are listed. */
  name?: string;
  /** Default: the only database of the project. */
  connectionId?: string;
}

/** Functions of the addon that the command calls; tests may replace them. */
export type KtxTableDeps = Partial<Pick<typeof addon, 'loadKtxProject' | 'listKtxTables' | 'readKtxTable'>>;

/** Runs the command. A format of rows has the columns of the table. */
export async function runKtxTable(args: KtxTableArgs, io: CliIo, deps: KtxTableDeps = {}): Promise<number> {
  const calls = { ...addon, ...deps };
  const { name } = args;
  const selected = { projectDir: args.projectDir, ...environmentOption(io) };
  const project = await calls.loadKtxProject(selected);
  printWarnings(io, project.warnings);
  const connectionId = args.connectionId ?? findOnlyDatabase(project);
  if (name === undefined) {
    const tables = await calls.listKtxTables({ ...selected, connectionId });
    await printTable(io, args, { connectionId, tables }, () => tablesTable(tables));
    return 0;
  }
  const table = await calls.readKtxTable({ ...selected, connectionId, name });
  if (args.format !== undefined) await printTable(io, args, table, () => columnsTable(table));
  else await printResult(io, args.json, table, () => renderDescription(table, io));
  return 0;
}
