/** Runs `ktx table`. */

import * as addon from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printTable, printWarnings } from '../output/print.js';
import type { CliIo } from '../terminal/io.js';
import { styleOf } from '../terminal/style.js';
import { columnsTable, renderDescription, tablesTable } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxTableArgs extends OutputOptions {
  projectDir: string;
  /** Name of a table; without it, all are listed. */
  name?: string;
  /** Default: the only database of the project. */
  connectionId?: string;
}

/** Runs the command. A format of rows has the columns of the table. */
export async function runKtxTable(args: KtxTableArgs, io: CliIo): Promise<number> {
  const { projectDir, name } = args;
  const project = await addon.loadKtxProject({ projectDir });
  printWarnings(io, project.warnings);
  const connectionId = args.connectionId ?? findOnlyDatabase(project);
  if (name === undefined) {
    const tables = await addon.listKtxTables({ projectDir, connectionId });
    await printTable(io, args, { connectionId, tables }, () => tablesTable(tables));
    return 0;
  }
  const table = await addon.readKtxTable({ projectDir, connectionId, name });
  if (args.format !== undefined) await printTable(io, args, table, () => columnsTable(table));
  else await printResult(io, args.json, table, () => renderDescription(table, styleOf(io)));
  return 0;
}
