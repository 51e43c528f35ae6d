/** Data of the page `table`. */

import type { LoadContext } from '../../node/context.js';
import { nameOfTable, scannedTables } from '../../node/project-data.js';

/** Data of the page. */
export type TableData = object;

/** Loads the data. */
export async function loadTable(_context: LoadContext): Promise<TableData> {
  return {};
}

/** Names of the tables, with their schemas. */
export async function listTables(context: LoadContext, connectionId: string): Promise<string[]> {
  return (await scannedTables(context, connectionId)).map(nameOfTable);
}
