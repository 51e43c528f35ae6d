/** Data of the page `relationships`. */

import type { KtxRelationship, KtxRelationshipEvidence, KtxRelationshipList, KtxTableColumns } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { relationshipsOf } from '../../node/project-data.js';
import { type TableNames, tableNames } from '../../node/table-names.js';

/** A key or a relationship. */
export interface ReviewItem {
  /** Unique on the page. */
  id: string;
  from: KtxTableColumns;
  /** Missing for a key. */
  to?: KtxTableColumns;
  /** Whether the tables have pages. */
  linked: { from: boolean; to: boolean };
  status: KtxRelationship['status'];
  /** Missing for a key. */
  cardinality?: KtxRelationship['cardinality'];
  /** Probability that it is meant, 0 to 1. */
  score: number;
  evidence: KtxRelationshipEvidence[];
}

/** Items by what is known of them, each sorted by score, the greatest first. */
export interface ReviewGroups {
  review: ReviewItem[];
  accepted: ReviewItem[];
  rejected: ReviewItem[];
  declared: ReviewItem[];
}

/** Data of the page. */
export interface RelationshipsData {
  connectionId: string;
  /** `null` before the first scan that detects relationships. */
  list: (ReviewGroups & { syncId: string; warnings: string[] }) | null;
}

/** Loads the data. */
export async function loadRelationships(
  context: LoadContext,
  { connectionId }: { connectionId: string },
): Promise<RelationshipsData> {
  const list = await relationshipsOf(context, connectionId);
  if (list === undefined) return { connectionId, list: null };
  const { syncId, warnings = [] } = list;
  const names = await tableNames(context, connectionId);
  return { connectionId, list: { syncId, warnings, ...groupItems(list, names) } };
}

type Found = Pick<KtxRelationshipList, 'relationships' | 'keys'>;

/** Groups relationships, followed by keys. */
export function groupItems({ relationships, keys }: Found, names: Pick<TableNames, 'has'>): ReviewGroups {
  const groups: ReviewGroups = { review: [], accepted: [], rejected: [], declared: [] };
  const found: (Omit<ReviewItem, 'id' | 'linked'> & { declared: boolean })[] = [
    ...relationships.toSorted(byScore),
    ...keys.map(({ table, columns, ...key }) => ({ ...key, from: { table, columns } })).sort(byScore),
  ];
  for (const [index, { declared, ...link }] of found.entries()) {
    const to = link.to !== undefined && names.has(link.to.table);
    const item: ReviewItem = { ...link, id: `item-${index}`, linked: { from: names.has(link.from.table), to } };
    groups[declared ? 'declared' : link.status].push(item);
  }
  return groups;
}

function byScore(one: { score: number }, other: { score: number }): number {
  return other.score - one.score;
}
