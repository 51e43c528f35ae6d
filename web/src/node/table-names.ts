/** Which tables have a page. */

import type { LoadContext } from './context.js';
import { nameOfTable, scannedTables } from './project-data.js';

/** The tables of the newest scan by their names. */
export class TableNames {
  readonly #names: Set<string>;
  /** Names with schemas by both of their names in lower case; `null` if several tables have the name. */
  readonly #folded = new Map<string, string | null>();

  constructor(tables: { schema: string | null; name: string }[]) {
    this.#names = new Set(tables.map(nameOfTable));
    for (const table of tables) {
      const name = nameOfTable(table);
      for (const folded of new Set([name.toLowerCase(), table.name.toLowerCase()])) {
        this.#folded.set(folded, this.#folded.has(folded) ? null : name);
      }
    }
  }

  /** Whether there is a table of this name, with its schema. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Name with the schema of a table that a statement names; `null` if there is none, or several. */
  resolve(name: string): string | null {
    return this.#names.has(name) ? name : (this.#folded.get(name.toLowerCase()) ?? null);
  }
}

/** Names of the tables of the newest scan. */
export function tableNames(context: LoadContext, connectionId: string): Promise<TableNames> {
  return context.once(`table names ${connectionId}`, async () => {
    return new TableNames(await scannedTables(context, connectionId));
  });
}
