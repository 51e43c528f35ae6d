/** Text output of `ktx search`. */

import type { KtxSearchAnswer } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { pluralize } from '../output/text.js';

/** The hits, with their connection if the project has several. */
export function searchTable(
  { hits, truncated, notes }: KtxSearchAnswer,
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
  const empty = 'Nothing was found: use other words, or scan with ktx scan --profile, which reads values as well\n';
  const limit = truncated ? [`(${pluralize(hits.length, 'hit')}, the limit; --limit N for more)`] : [];
  return { columns, rows, notes: [...limit, ...notes].map((note) => `${note}\n`).join(''), empty };
}
