/** Text output of `ktx relationships`. */

import type { KtxRelationshipAnswer, KtxRelationshipEvidence, KtxRelationshipList } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { toShortLine } from '../output/text.js';
import { formatColumns } from './columns-text.js';

const CARDINALITIES = { many_to_one: 'many to one', one_to_one: 'one to one' };

/** The relationships, then the keys, with their strongest evidence. */
export function relationshipsTable({ relationships, keys }: KtxRelationshipList): TableView {
  const columns = [
    ...['STATUS', 'FROM', 'TO', 'CARDINALITY'].map((title) => ({ title })),
    { title: 'SCORE', align: 'right' as const },
    { title: 'EVIDENCE' },
  ];
  const links = relationships.map((link) => [
    link.status,
    formatColumns(link.from),
    formatColumns(link.to),
    CARDINALITIES[link.cardinality],
    link.score.toFixed(2),
    evidenceText(link),
  ]);
  const found = keys.map((key) => [
    key.status,
    formatColumns(key),
    null,
    'key',
    key.score.toFixed(2),
    evidenceText(key),
  ]);
  return { columns, rows: [...links, ...found], empty: 'There are no such keys and relationships\n' };
}

/** What was recorded, and where. */
export function renderAnswer({ status, from, to, path }: KtxRelationshipAnswer): string {
  const what = to === undefined ? `the key ${formatColumns(from)}` : `${formatColumns(from)} → ${formatColumns(to)}`;
  return `${status === 'accepted' ? 'Accepted' : 'Rejected'} ${toShortLine(what)} in ${path}\n`;
}

function evidenceText({ evidence }: { evidence: KtxRelationshipEvidence[] }): string {
  return toShortLine(evidence.map(({ text }) => text).join('; '));
}
