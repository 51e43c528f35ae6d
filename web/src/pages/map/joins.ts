/** Joins of a database: the detected relationships, or the declared foreign keys before a scan has detected any. */

import type { KtxRelationship, KtxTableForeignKey } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { describedTables, relationshipsOf } from '../../node/project-data.js';

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

/** Joins and where they are from. */
export interface Joins {
  source: 'relationships' | 'foreign keys';
  joins: Join[];
}

/** Reads the joins of a connection, without rejected ones. */
export async function joinsOf(context: LoadContext, connectionId: string): Promise<Joins> {
  const list = await relationshipsOf(context, connectionId);
  if (list !== undefined) {
    const shown = list.relationships.filter(({ status }) => status !== 'rejected');
    return { source: 'relationships', joins: shown.map(joinOfRelationship) };
  }
  const tables = await describedTables(context, connectionId);
  return { source: 'foreign keys', joins: tables.flatMap(({ foreignKeys }) => foreignKeys.map(joinOfForeignKey)) };
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
