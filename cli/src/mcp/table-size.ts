/** Reduces lists and descriptions of tables, and lists of relationships, to the size of an answer. */

import type { KtxRelationshipList, KtxTable, KtxTableColumn, KtxTableSummary } from '@kaelio/ktx';
import { fitsAnswer } from './size.js';

/** A result with a hint on what was left out. */
export type Reduced<Result> = Result & { hint?: string };

/** A list of tables. */
export interface TableList {
  connectionId: string;
  tables: KtxTableSummary[];
}

/** Drops the last tables of a list that is too large. */
export function reduceList(list: TableList): Reduced<TableList> {
  let reduced: Reduced<TableList> = list;
  while (!fitsAnswer(reduced) && reduced.tables.length > 0) {
    const tables = reduced.tables.slice(0, Math.floor(reduced.tables.length * 0.8));
    const hint = `These are ${tables.length} of ${list.tables.length} tables: set contains to a part of a name`;
    reduced = { ...list, tables, hint };
  }
  return reduced;
}

/** Drops the frequent values of a table that is too large, then its profile, then its last columns. */
export function reduceTable(table: KtxTable): Reduced<KtxTable> {
  if (fitsAnswer(table)) return table;
  const columns = table.columns.map(({ profile, ...column }): KtxTableColumn => {
    if (profile === undefined) return column;
    const { values, ...facts } = profile;
    return { ...column, profile: facts };
  });
  const withoutValues = { ...table, columns, hint: 'Frequent values are left out, as the table is too large' };
  if (fitsAnswer(withoutValues)) return withoutValues;
  let reduced: Reduced<KtxTable> = {
    ...table,
    columns: columns.map(({ profile, ...column }) => column),
    hint: 'Profiles are left out, as the table is too large',
  };
  while (!fitsAnswer(reduced) && reduced.columns.length > 0) {
    const kept = reduced.columns.slice(0, Math.floor(reduced.columns.length * 0.8));
    const hint = `These are ${kept.length} of ${columns.length} columns, without profiles, as the table is too large`;
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
    reduced = { ...list, relationships: first(relationships), keys: first(keys), hint };
    share *= 0.8;
  } while (!fitsAnswer(reduced));
  return reduced;
}
