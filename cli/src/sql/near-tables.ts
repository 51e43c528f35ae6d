/** Suggests tables of the newest scan for one that a statement names and the database does not have. */

import type { KtxTableSummary } from '@kaelio/ktx';
import { CliError, describeFailure } from '../errors.js';
import { isSimilar, lettersOf } from '../similar.js';

/** Maximum suggestions. */
const MAX_NAMES = 3;

/** Letters from which on a name is looked for in others: a shorter one is in too many. */
const MIN_PART = 3;

/** How the databases say that there is no such table. */
const UNKNOWN_TABLE = [
  // SQLite
  /no such table: (\S+)/,
  // DuckDB
  /Table with name "?([^"\s]+)"? does not exist/,
  // PostgreSQL
  /relation "([^"]+)" does not exist/,
  // MySQL and MariaDB
  /Table '([^']+)' doesn't exist/,
  // ClickHouse
  /Unknown table expression identifier '([^']+)'/,
];

/** Runs a statement; its error has near names as the next step if it is about an unknown table. */
export async function suggestingTables<T>(run: () => Promise<T>, list: () => Promise<KtxTableSummary[]>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code, message } = describeFailure(error);
    const unknown = code === 'KTX_QUERY_FAILED' ? findUnknownTable(message) : undefined;
    if (unknown === undefined) throw error;
    // Without a scan there is nothing to suggest.
    const names = nearTables(unknown, await list().catch(() => []));
    if (names.length === 0) throw error;
    throw new CliError(code, message, `Use a table of the newest scan, such as ${names.join(' or ')}`);
  }
}

/** The table that an error says is unknown, without its schema. */
export function findUnknownTable(message: string): string | undefined {
  for (const pattern of UNKNOWN_TABLE) {
    const name = pattern.exec(message)?.[1];
    if (name !== undefined) return name.split('.').at(-1);
  }
  return undefined;
}

/** Up to three names: those with the same letters or one other, then those that contain the name or are a part of it. */
export function nearTables(unknown: string, tables: readonly KtxTableSummary[]): string[] {
  const letters = lettersOf(unknown);
  const compared = tables.map((table) => ({ table, other: lettersOf(table.name) }));
  const similar = compared.filter(({ other }) => isSimilar(letters, other));
  const parts = compared.filter((entry) => !similar.includes(entry) && isPart(letters, entry.other));
  return [...similar, ...parts].slice(0, MAX_NAMES).map(({ table: { schema, name } }) => {
    return schema === null ? name : `${schema}.${name}`;
  });
}

function isPart(left: string, right: string): boolean {
  const [shorter, longer] = left.length < right.length ? [left, right] : [right, left];
  return shorter.length >= MIN_PART && longer.includes(shorter);
}
