/** Joins of a database: the detected relationships, or the declared foreign keys before a scan has detected any. */

import { type KtxRelationship, type KtxTableForeignKey, readKtxTable } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { relationshipsOf } from '../../node/project-data.js';

/** Who says that there is a join: the database, a user or the detection, or the detection in doubt. */
export type JoinKind = 'declared' | 'accepted' | 'proposed';

/** A join of two tables, which are names with their schemas. */
export interface Join {
  from: string;
  fromColumns: string[];
  to: string;
  toColumns: string[];
  kind: JoinKind;
  /** `null` if it was not measured. */
  cardinality: 'many_to_one' | 'one_to_one' | null;
  /** Sentences. */
  evidence: string[];
}

/** Joins and where they are from; `none` if they are not known. */
export interface Joins {
  source: 'relationships' | 'foreign keys' | 'none';
  joins: Join[];
}

/**
 * Most tables that are read one by one for their foreign keys, as the package reads all files of a scan for each: 100
 * tables take about a second.
 */
const MAX_READ_TABLES = 64;
const CONCURRENCY = 4;

/** Reads the joins of a connection, without rejected ones. */
export async function joinsOf(context: LoadContext, connectionId: string, tables: readonly string[]): Promise<Joins> {
  const list = await relationshipsOf(context, connectionId);
  if (list !== undefined) {
    const shown = list.relationships.filter(({ status }) => status !== 'rejected');
    return { source: 'relationships', joins: shown.map(joinOfRelationship) };
  }
  if (tables.length > MAX_READ_TABLES) return { source: 'none', joins: [] };
  return { source: 'foreign keys', joins: await foreignKeysOf(context, connectionId, tables) };
}

function joinOfRelationship({ from, to, status, declared, cardinality, evidence }: KtxRelationship): Join {
  return {
    from: from.table,
    fromColumns: from.columns,
    to: to.table,
    toColumns: to.columns,
    kind: declared ? 'declared' : status === 'accepted' ? 'accepted' : 'proposed',
    cardinality,
    evidence: evidence.map(({ text }) => text),
  };
}

async function foreignKeysOf(context: LoadContext, connectionId: string, tables: readonly string[]): Promise<Join[]> {
  const found: Join[][] = [];
  const open = [...tables.entries()];
  const work = async () => {
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [index, name] = next;
      const { foreignKeys } = await readKtxTable({ ...context.options, connectionId, name });
      found[index] = foreignKeys.map(joinOfForeignKey);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return found.flat();
}

function joinOfForeignKey({ fromTable, fromColumns, toTable, toColumns, enforced }: KtxTableForeignKey): Join {
  const trusted = enforced === false ? ', which the database does not enforce' : '';
  return {
    from: fromTable,
    fromColumns,
    to: toTable,
    toColumns,
    kind: 'declared',
    cardinality: null,
    evidence: [`It is a declared foreign key${trusted}`],
  };
}
