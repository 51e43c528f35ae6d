/** Text output of `ktx search`. */

import type { KtxSearchAnswer } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';

/** The hits, with their connection if the project has several. */
export function searchTable(
  { hits, notes }: KtxSearchAnswer,
  { hasConnections }: { hasConnections: boolean },
): TableView {
  const columns = [
    { title: 'KIND' },
    { title: 'NAME' },
    ...(hasConnections ? [{ title: 'CONNECTION' }] : []),
    { title: 'WHY' },
  ];
  const rows = hits.map(({ kind, name, connectionId, why }) => [
    kind,
    name,
    ...(hasConnections ? [connectionId] : []),
    why,
  ]);
  const empty = 'Nothing was found: use other words, or scan first with ktx scan\n';
  return { columns, rows, notes: notes.map((note) => `${note}\n`).join(''), empty };
}
