/** Text output of `ktx sl`. */

import type {
  KtxGeneratedSemanticSource,
  KtxSemanticGeneration,
  KtxSemanticMetric,
  KtxSemanticSourceSummary,
  KtxSemanticValidation,
} from '@kaelio/ktx';
import { escapeControlCharacters } from '../output/control-characters.js';
import type { TableView } from '../output/print.js';
import { pluralize } from '../output/text.js';
import type { Style } from '../terminal/style.js';
import type { Section } from './explain.js';
import type { ListedMetrics } from './metrics.js';

type Action = KtxGeneratedSemanticSource['action'];

/** Descriptions of the actions, in the order of the output. */
const ACTIONS: Record<Action, string> = {
  created: 'created',
  updated: 'updated: the table changed',
  extended: 'edited by hand: new entries added',
  blocked: 'edited by hand: new entries cannot be added',
  orphaned: 'edited by hand: the table no longer exists',
  removed: 'removed: the table no longer exists',
  deleted: 'deleted by hand: stays deleted',
  kept: 'edited by hand: no new entries',
  unchanged: 'unchanged',
};

/** The sources, and notes about metrics and about the files that cannot be read. */
export function sourcesTable(
  sources: KtxSemanticSourceSummary[],
  { metrics, error: invalidMetrics }: ListedMetrics,
  style: Style,
): TableView {
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
    source.columns.length,
    source.measures.length,
    source.joins.join(', '),
  ]);
  const errors = [...sources.map(({ error }) => error), invalidMetrics];
  const invalid = errors.flatMap((error) => (error ? [`${style.red('Invalid:')} ${error}\n`] : []));
  const named = metrics.map(({ name, expr }) => `${style.bold('Metric:')} ${name} = ${expr}\n`);
  const empty = sources.length === 0 ? 'No semantic sources yet: generate them with ktx sl generate\n' : '';
  return { columns, rows, notes: [...named, ...invalid].join(''), empty };
}

/** Renders every problem, and a summary. */
export function renderValidation(validation: KtxSemanticValidation, style: Style): string {
  const { connectionId, sources, errors, warnings, perSourceWarnings, valid } = validation;
  const sourceWarnings = Object.entries(perSourceWarnings).flatMap(([name, texts]) =>
    texts.map((text) => (text.startsWith(`${name}: `) ? text : `${name}: ${text}`)),
  );
  const all = [...new Set([...warnings, ...sourceWarnings])];
  const subject = `${pluralize(sources.length, 'semantic source')} of ${connectionId}`;
  const verdict = valid ? `${style.green('Valid:')} ${subject}` : `${style.red('Not valid:')} ${subject}`;
  const counts = `${pluralize(errors.length, 'error')}, ${pluralize(all.length, 'warning')}`;
  return [
    ...errors.map((error) => `${style.red('Error:')} ${error}\n`),
    ...all.map((warning) => `${style.yellow('Warning:')} ${warning}\n`),
    `${verdict} (${counts})\n`,
  ].join('');
}

/** The action for each source; without `all`, unchanged ones are counted only. */
export function generationTable(generation: KtxSemanticGeneration, all: boolean, style: Style): TableView {
  const { connectionId, syncId, sources, warnings } = generation;
  const title = style.bold(`Generated ${pluralize(sources.length, 'semantic source')} of ${connectionId}`);
  const order = Object.keys(ACTIONS);
  const sorted = [...sources].sort((left, right) => order.indexOf(left.action) - order.indexOf(right.action));
  const listed = all ? sorted : sorted.filter(({ action }) => action !== 'unchanged');
  const rows = listed.map((source) => [source.name, ACTIONS[source.action], source.path]);
  const unchanged = sorted.length - listed.length;
  const counts = unchanged === 0 ? '' : `${pluralize(unchanged, 'unchanged source')}; list all with --all\n`;
  const warningLines = warnings.map((warning) => `${style.yellow('Warning:')} ${warning}\n`);
  return {
    title: `${title} from the scan ${syncId}\n`,
    columns: [{ title: 'SOURCE' }, { title: 'ACTION' }, { title: 'FILE' }],
    rows,
    notes: [counts, ...sorted.map(details), ...warningLines].join(''),
    empty: '',
  };
}

function details(source: KtxGeneratedSemanticSource): string {
  const { name, addedColumns, addedJoins, removedJoins = [], removedColumns, note } = source;
  return [
    ...(addedColumns.length === 0 ? [] : [`${name}: added ${addedColumns.join(', ')}\n`]),
    ...addedJoins.map((join) => `${name}: added the join ${join}\n`),
    ...removedJoins.map((join) => `${name}: removed the join ${join}, which the schema no longer has\n`),
    ...(removedColumns.length === 0 ? [] : [`${name}: columns missing in the table: ${removedColumns.join(', ')}\n`]),
    ...(note === null ? [] : [`${name}: ${note}\n`]),
  ].join('');
}

/** Keys and values of a metric. */
export function renderMetric(metric: KtxSemanticMetric, style: Style): string {
  const lines = Object.entries(metric).map(([key, value]) => `${style.bold(`${key}:`)} ${[value].flat().join(', ')}\n`);
  return lines.join('');
}

/** The sections of an explanation, and the SQL. */
export function renderExplanation(sections: Section[], sql: string, style: Style): string {
  const blocks = sections.map(({ title, lines }) => {
    const items = lines.map((line) => `  ${escapeControlCharacters(line.replaceAll('\n', ' '))}\n`);
    return `${style.bold(title)}\n${items.join('')}`;
  });
  return `${blocks.join('')}${style.bold('SQL')}\n${sql}\n`;
}
