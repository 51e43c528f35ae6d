/** Which tables have a page. */

import type { LoadContext } from './context.js';
import { nameOfTable, scannedTables } from './project-data.js';

/** The tables of the newest scan by their names. */
export class TableNames {
  readonly #names: Set<string>;
  /** Whole names by the same in lower case; `null` if several differ in letter case only. */
  readonly #whole = new Map<string, string | null>();
  /** Names with schemas by both of their names in lower case; `null` if several tables have the name. */
  readonly #folded = new Map<string, string | null>();

  constructor(tables: { schema: string | null; name: string }[]) {
    this.#names = new Set(tables.map(nameOfTable));
    for (const table of tables) {
      const name = nameOfTable(table);
      const whole = name.toLowerCase();
      add(this.#whole, whole, name);
      for (const folded of new Set([whole, table.name.toLowerCase()])) add(this.#folded, folded, name);
    }
  }

  /** Whether there is a table of this name, with its schema. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /**
   * Name with the schema of the table that a statement or a source names, also in the quotes of a dialect, and with its
   * database in front; `null` if there is none, or several.
   */
  resolve(name: string): string | null {
    if (this.#names.has(name)) return name;
    const parts = partsOf(name.toLowerCase());
    const found = this.#folded.get(name.toLowerCase()) ?? this.#folded.get(parts.join('.'));
    // A table of another schema is not meant.
    return found ?? this.#whole.get(parts.slice(1).join('.')) ?? this.#whole.get(parts.slice(2).join('.')) ?? null;
  }
}

/** The parts of a name, without the quotes of any dialect. */
function partsOf(name: string): string[] {
  const parts = name.match(/"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[(?:[^\]]|\]\])*\]|[^."`[]+/g) ?? [];
  return parts.map((part) => {
    const [first = ''] = part;
    if (first === '[') return part.slice(1, -1).replaceAll(']]', ']');
    return first === '"' || first === '`' ? part.slice(1, -1).replaceAll(first.repeat(2), first) : part.trim();
  });
}

function add(names: Map<string, string | null>, key: string, name: string): void {
  names.set(key, names.has(key) ? null : name);
}

/** Names of the tables of the newest scan. */
export function tableNames(context: LoadContext, connectionId: string): Promise<TableNames> {
  return context.once(`table names ${connectionId}`, async () => {
    return new TableNames(await scannedTables(context, connectionId));
  });
}
