/** Relationships of a table: declared foreign keys, and those that a scan has detected. */

import type { KtxRelationship, KtxRelationshipList, KtxTable, KtxTableColumns, KtxTableForeignKey } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { relationshipsOf } from '../../node/project-data.js';
import { tableNames } from '../../node/table-names.js';

/** A relationship of the table, seen from it. */
export interface TableLink {
  status: 'declared' | 'accepted' | 'proposed';
  /** Columns of the table. */
  columns: string[];
  /** Columns of the other table. */
  other: KtxTableColumns;
  /** Whether the other table has a page. */
  linked: boolean;
  /** Only of those that a scan has measured. */
  cardinality?: KtxRelationship['cardinality'];
  /** Probability that it is meant, 0 to 1; only of detected ones. */
  score?: number;
  /** Name of the constraint. */
  constraint?: string;
  /** Whether the database takes it as declared, without enforcing it. */
  notEnforced?: true;
}

/** Relationships by their direction. */
export interface TableLinks {
  refersTo: TableLink[];
  referredBy: TableLink[];
}

/** Collects the relationships of a table by its name with the schema; rejected ones are left out. */
export async function linksOf(context: LoadContext, name: string, table: KtxTable): Promise<TableLinks> {
  const detected = (await detectedByTable(context, table.connectionId)).get(name) ?? [];
  const names = await tableNames(context, table.connectionId);
  const found = (link: KtxRelationship, ...ends: [KtxTableColumns, KtxTableColumns]) =>
    detectedLink(link, ...ends, names.has(ends[1].table));
  return {
    refersTo: [
      ...table.foreignKeys.map((key) => declaredLink(key, key.fromColumns, key.toTable, key.toColumns)),
      ...detected.filter(({ from }) => from.table === name).map((link) => found(link, link.from, link.to)),
    ],
    referredBy: [
      ...table.referencedBy.map((key) => declaredLink(key, key.toColumns, key.fromTable, key.fromColumns)),
      ...detected.filter(({ to }) => to.table === name).map((link) => found(link, link.to, link.from)),
    ],
  };
}

function declaredLink(key: KtxTableForeignKey, columns: string[], table: string, others: string[]): TableLink {
  return {
    status: 'declared',
    columns,
    other: { table, columns: others },
    linked: true,
    ...(key.constraintName !== null && { constraint: key.constraintName }),
    ...(key.enforced === false && { notEnforced: true as const }),
  };
}

function detectedLink(
  { status, cardinality, score }: KtxRelationship,
  own: KtxTableColumns,
  other: KtxTableColumns,
  linked: boolean,
): TableLink {
  const shown = status === 'accepted' ? 'accepted' : 'proposed';
  return { status: shown, columns: own.columns, other, linked, cardinality, score };
}

/** Detected relationships, without rejected ones, by both of their tables. */
function detectedByTable(context: LoadContext, connectionId: string): Promise<Map<string, KtxRelationship[]>> {
  return context.once(`detected relationships ${connectionId}`, async () =>
    indexRelationships(await relationshipsOf(context, connectionId)),
  );
}

function indexRelationships(list: KtxRelationshipList | undefined): Map<string, KtxRelationship[]> {
  const index = new Map<string, KtxRelationship[]>();
  for (const link of list?.relationships ?? []) {
    if (link.declared || link.status === 'rejected') continue;
    for (const table of new Set([link.from.table, link.to.table])) {
      const links = index.get(table) ?? [];
      index.set(table, links);
      links.push(link);
    }
  }
  return index;
}
