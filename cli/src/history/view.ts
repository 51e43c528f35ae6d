/** Text output of `ktx history`. */

import type { KtxQueryHistory, KtxQueryTemplate } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { pluralize, toShortLine } from '../output/text.js';

/** The statements of a query history, with times in milliseconds; as short lines, or in full. */
export function historyTable({ templates, templateCount }: KtxQueryHistory, { short }: { short: boolean }): TableView {
  const right = 'right' as const;
  const hasCallers = !short || templates.some(({ callers }) => Object.keys(callers).length > 0);
  const columns = [
    { title: 'CALLS', align: right },
    { title: 'MEAN MS', align: right },
    { title: 'TOTAL MS', align: right },
    ...(hasCallers ? [{ title: 'BY' }] : []),
    { title: 'TABLES' },
    { title: 'STATEMENT' },
  ];
  const rows = templates.map(({ calls, meanMs, totalMs, callers, tables, sql }) => [
    calls,
    meanMs.toFixed(2),
    totalMs.toFixed(0),
    ...(hasCallers ? [describeCallers(callers)] : []),
    tables.join(', '),
    short ? toShortLine(sql) : sql,
  ]);
  const more = templateCount - templates.length;
  const notes = more > 0 ? `${pluralize(more, 'more statement')}: raise --top\n` : '';
  return { columns, rows, notes, empty: 'The query history has no such statements\n' };
}

/** The kinds of callers, most calls first. */
function describeCallers(callers: KtxQueryTemplate['callers']): string {
  const kinds = Object.entries(callers).sort(([, one], [, other]) => other - one);
  return kinds.map(([kind]) => kind.replace('_', ' ')).join(', ');
}
