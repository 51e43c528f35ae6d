/** Reduces descriptions of tables and lists of relationships to the size of an answer. */

import type { KtxRelationshipList } from '@kaelio/ktx';
import { fitsAnswer } from './size.js';
import type { AgentTable } from './tables.js';

/** A result with a hint on what was left out. */
export type Reduced<Result> = Result & { truncated?: true; hint?: string };

/** Drops the values of the columns of a table that is too large, then its last columns. */
export function reduceTable(table: AgentTable): Reduced<AgentTable> {
  if (fitsAnswer(table)) return table;
  const columns = table.columns.map(({ values: _values, frequentValues: _frequent, ...column }) => column);
  const hint = 'Values of the columns are left out, as the table is too large';
  let reduced: Reduced<AgentTable> = { ...table, columns, truncated: true, hint };
  while (!fitsAnswer(reduced) && reduced.columns.length > 0) {
    const kept = reduced.columns.slice(0, Math.floor(reduced.columns.length * 0.8));
    const hint = `These are ${kept.length} of ${columns.length} columns, without values, as the table is too large`;
    reduced = { ...reduced, columns: kept, hint };
  }
  return reduced;
}

/** Drops the evidence of a list that is too large, then its last relationships and keys. */
export function reduceRelationships(list: KtxRelationshipList): Reduced<KtxRelationshipList> {
  if (fitsAnswer(list)) return list;
  const withoutEvidence = <Entry extends { evidence: unknown[] }>(entries: Entry[]) =>
    entries.map((entry) => ({ ...entry, evidence: [] }));
  const [relationships, keys] = [withoutEvidence(list.relationships), withoutEvidence(list.keys)];
  let share = 1;
  let reduced: Reduced<KtxRelationshipList>;
  do {
    const first = <Entry>(entries: Entry[]) => entries.slice(0, Math.floor(entries.length * share));
    const hint = 'Evidence and further entries are left out, as the list is too large: set a status';
    reduced = { ...list, relationships: first(relationships), keys: first(keys), truncated: true, hint };
    share *= 0.8;
  } while (!fitsAnswer(reduced));
  return reduced;
}
