/** The semantic layer as people read it. */

import type {
  KtxGeneratedSemanticSource,
  KtxSemanticGeneration,
  KtxSemanticSourceSummary,
  KtxSemanticValidation,
} from '@kaelio/ktx';
import { renderTable } from '../output/table.js';
import { count } from '../output/text.js';
import type { Style } from '../terminal/style.js';

type Action = KtxGeneratedSemanticSource['action'];

/** What was done, for people; in the order of the output. */
const ACTIONS: Record<Action, string> = {
  created: 'created',
  updated: 'updated: the table has changed',
  extended: 'edited by hand: has gained what is new',
  blocked: 'edited by hand: cannot gain what is new',
  orphaned: 'edited by hand: its table is gone',
  removed: 'removed: its table is gone',
  deleted: 'deleted by hand: stays deleted',
  kept: 'edited by hand: nothing is new',
  unchanged: 'unchanged',
};

/** The sources, and the files that cannot be read. */
export async function renderSources(sources: KtxSemanticSourceSummary[], style: Style): Promise<string> {
  if (sources.length === 0) return 'No semantic sources yet: make them with ktx sl generate\n';
  const columns = [
    { title: 'SOURCE' },
    { title: 'CONNECTION' },
    { title: 'READS' },
    { title: 'COLUMNS', align: 'right' as const },
    { title: 'MEASURES', align: 'right' as const },
    { title: 'JOINS' },
  ];
  const readable = sources.filter(({ error }) => error === null);
  const rows = readable.map((source) => [
    source.name,
    source.connectionId,
    source.table ?? 'a query',
    String(source.columns.length),
    String(source.measures.length),
    source.joins.join(', '),
  ]);
  const broken = sources.flatMap(({ error }) => (error === null ? [] : [`${style.bad('Broken:')} ${error}\n`]));
  return [...(rows.length === 0 ? [] : [await renderTable(columns, rows, style)]), ...broken].join('');
}

/** Every problem, or that there is none. */
export function renderValidation(validation: KtxSemanticValidation, style: Style): string {
  const { connectionId, sources, errors, warnings, perSourceWarnings, valid } = validation;
  const ofSources = Object.entries(perSourceWarnings).flatMap(([name, texts]) =>
    texts.map((text) => (text.includes(name) ? text : `${name}: ${text}`)),
  );
  const all = [...new Set([...warnings, ...ofSources])];
  const what = `${count(sources.length, 'semantic source')} of ${connectionId}`;
  const verdict = valid ? `${style.good('Valid:')} ${what}` : `${style.bad('Not valid:')} ${what}`;
  const found = `${count(errors.length, 'error')}, ${count(all.length, 'warning')}`;
  return [
    ...errors.map((error) => `${style.bad('Error:')} ${error}\n`),
    ...all.map((warning) => `${style.change('Warning:')} ${warning}\n`),
    `${verdict} (${found})\n`,
  ].join('');
}

/** What became of each source. */
export async function renderGeneration(generation: KtxSemanticGeneration, style: Style): Promise<string> {
  const { connectionId, syncId, sources, warnings } = generation;
  const title = style.bold(`Made ${count(sources.length, 'semantic source')} of ${connectionId}`);
  const order = Object.keys(ACTIONS);
  const sorted = [...sources].sort((left, right) => order.indexOf(left.action) - order.indexOf(right.action));
  const rows = sorted.map((source) => [source.name, ACTIONS[source.action], source.path]);
  const table = await renderTable([{ title: 'SOURCE' }, { title: 'WHAT' }, { title: 'FILE' }], rows, style);
  const left = warnings.map((warning) => `${style.change('Warning:')} ${warning}\n`);
  return [`${title} from the scan ${syncId}\n`, table, ...sorted.map(details), ...left].join('');
}

function details({ name, addedColumns, addedJoins, removedColumns, note }: KtxGeneratedSemanticSource): string {
  return [
    ...(addedColumns.length === 0 ? [] : [`${name} has gained ${addedColumns.join(', ')}\n`]),
    ...addedJoins.map((join) => `${name} has gained the join ${join}\n`),
    ...(removedColumns.length === 0 ? [] : [`${name} names what its table has no more: ${removedColumns.join(', ')}\n`]),
    ...(note === null ? [] : [`${name}: ${note}\n`]),
  ].join('');
}
