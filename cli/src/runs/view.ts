/** Text output of runs: scans, and ingests of every adapter. */

import type { KtxDiffSummary, KtxRunReport } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { renderProperties } from '../output/table.js';
import { formatDuration, pluralize, toShortLine } from '../output/text.js';
import type { Style } from '../terminal/style.js';
import { changeLines } from './details-view.js';
import {
  profileChangeLines,
  profileSummary,
  relationshipSummary,
  unprofiledLines,
  unreadReasons,
} from './profile-view.js';

/** Maximum names per kind of change, and maximum warnings, before `… and N more`. */
const MAX_NAMES = 10;

/** Wording for a kind of run. */
export interface RunLabels {
  /** Title of a finished run: `Scanned warehouse`. */
  title(report: KtxRunReport): string;
  /** What changes are counted against: `last scan`. */
  base: string;
  /** Message if no run is recorded yet. */
  none: string;
  /** Whether runs may have different sources, so that lists have a column for it. */
  sources: boolean;
}

/** Text output for a kind of run. */
export interface RunViews {
  /** Renders the result of a run. */
  renderRun(report: KtxRunReport, style: Style): Promise<string>;
  /** The recorded runs, newest first. */
  runsTable(runs: KtxRunReport[], style: Style): TableView;
  /** Renders a recorded run. */
  renderReport(report: KtxRunReport, options: ReportOptions, style: Style): Promise<string>;
}

/** Parts of a report: `all` lists every change, every warning and the work to do. */
export interface ReportOptions {
  all: boolean;
  withWarnings: boolean;
}

/** Creates the views for a kind of run. */
export function createRunViews(labels: RunLabels): RunViews {
  return {
    renderRun: (report, style) => renderRun(report, labels, style),
    runsTable: (runs) => runsTable(runs, labels),
    renderReport: (report, options, style) => renderReport(report, options, labels, style),
  };
}

async function renderRun(report: KtxRunReport, labels: RunLabels, style: Style): Promise<string> {
  const title = `${style.bold(labels.title(report))}${formatElapsed(report)}`;
  const properties = await renderProperties(
    [
      ['Profiles', profileSummary(report)],
      ['Not profiled', unreadReasons(report)],
      ['Relationships', relationshipSummary(report)],
      ['Staged in', report.dryRun || report.syncId === '' ? undefined : stagedDir(report)],
      ['Run', report.runId || undefined],
      ['Left out', describeLeftOut(report)],
    ],
    style,
  );
  const dryRun = report.dryRun ? 'Dry run: nothing was staged\n' : '';
  const changes = `${renderChanges(report, MAX_NAMES, labels, style)}${renderProfileChanges(report, MAX_NAMES, style)}`;
  return `${title}\n${changes}\n${properties}${dryRun}`;
}

function runsTable(runs: KtxRunReport[], labels: RunLabels): TableView {
  const columns = [
    { title: 'RUN' },
    { title: 'CONNECTION' },
    ...(labels.sources ? [{ title: 'ADAPTER' }] : []),
    { title: 'STATUS' },
    { title: 'STARTED' },
    { title: 'TOOK', align: 'right' as const },
    { title: 'CHANGES' },
  ];
  const rows = runs.map((run) => [
    run.runId,
    run.connectionId,
    ...(labels.sources ? [run.source] : []),
    run.dryRun ? `${run.status} (dry run)` : run.status,
    run.startedAt,
    elapsed(run) ?? '',
    run.status === 'done' ? formatCounts(run.diffSummary) : (run.error ?? ''),
  ]);
  return { columns, rows, empty: `${labels.none}\n` };
}

/** The changes of a run as rows. */
export function changesTable({ changes, descriptions }: KtxRunReport): TableView {
  const columns = [{ title: 'CHANGE' }, { title: 'NAME' }, ...(descriptions ? [{ title: 'DESCRIPTION' }] : [])];
  const rows = (['added', 'modified', 'deleted'] as const).flatMap((change) =>
    changes[change].map((name) => [change, name, ...(descriptions ? [descriptions[name]] : [])]),
  );
  return { columns, rows };
}

async function renderReport(
  report: KtxRunReport,
  { all, withWarnings }: ReportOptions,
  labels: RunLabels,
  style: Style,
): Promise<string> {
  const properties = await renderProperties(
    [
      ['Run', report.runId],
      ['Connection', report.connectionId],
      ['Adapter', labels.sources ? report.source : undefined],
      ['Status', report.dryRun ? `${report.status} (dry run)` : report.status],
      ['Started', report.startedAt],
      ['Took', elapsed(report)],
      ['Profiles', profileSummary(report)],
      ['Not profiled', all ? undefined : unreadReasons(report)],
      ['Relationships', relationshipSummary(report)],
      ['Staged in', report.status === 'done' && !report.dryRun ? stagedDir(report) : undefined],
      ['Left out', describeLeftOut(report)],
      ['Error', report.error ?? undefined],
    ],
    style,
  );
  if (report.status !== 'done') return properties;
  const limit = all ? Number.POSITIVE_INFINITY : MAX_NAMES;
  const work = all ? section('Work to do', renderWork(report), style) : '';
  const warnings = withWarnings ? section('Warnings', listWithLimit(report.warnings, '', limit), style) : '';
  const unprofiled = all ? section('Not profiled', unprofiledLines(report), style) : '';
  const changes = `${renderChanges(report, limit, labels, style)}${renderProfileChanges(report, limit, style)}`;
  return `${properties}\n${changes}${unprofiled}${work}${warnings}`;
}

/** `2 tables, 1 column (hr.*, users.secret)`: what the data policy left out, and its patterns. */
function describeLeftOut({ leftOut }: KtxRunReport): string | undefined {
  if (leftOut === undefined) return undefined;
  const { tables, columns, templates = 0, patterns } = leftOut;
  const counts = [
    [tables, 'table'],
    [columns, 'column'],
    [templates, 'statement'],
  ] as const;
  const parts = counts.filter(([count]) => count > 0).map(([count, noun]) => pluralize(count, noun));
  return `${parts.join(', ')}${patterns.length === 0 ? '' : ` (${patterns.join(', ')})`}`;
}

/** `+1 ~0 -0 =4`: added, modified, deleted, unchanged. */
function formatCounts({ added, modified, deleted, unchanged }: KtxDiffSummary): string {
  return `+${added} ~${modified} -${deleted} =${unchanged}`;
}

function renderChanges(report: KtxRunReport, limit: number, labels: RunLabels, style: Style): string {
  const { added, modified, deleted, unchanged } = report.diffSummary;
  if (added + modified + deleted === 0) {
    return unchanged === 0
      ? 'Nothing found\n'
      : `Nothing changed since the ${labels.base}: all ${unchanged} unchanged\n`;
  }
  const counts = [
    style.green(`+${added} added`),
    style.yellow(`~${modified} modified`),
    style.red(`-${deleted} deleted`),
    `=${unchanged} unchanged`,
  ].join('  ');
  const { changes } = report;
  const names = [
    ...listChanges(changes.added, report, `${style.green('+')} `, limit),
    ...listChanges(changes.modified, report, `${style.yellow('~')} `, limit),
    ...listChanges(changes.deleted, report, `${style.red('-')} `, limit),
  ];
  return `${counts}\n${names.map((name) => `  ${name}\n`).join('')}`;
}

/** Names of one kind of change, each with what changed in it. */
function listChanges(names: string[], report: KtxRunReport, sign: string, limit: number): string[] {
  if (report.descriptions !== undefined) return listWithLimit(describe(names, report), sign, limit);
  const all = limit === Number.POSITIVE_INFINITY;
  const shown = names.slice(0, limit).flatMap((name) => [`${sign}${name}`, ...changeLines(name, report, all)]);
  return names.length > limit ? [...shown, `${sign}… and ${names.length - limit} more`] : shown;
}

const BY_LEADING_COUNT = new Intl.Collator('en', { numeric: true });

/** Descriptions instead of names if there are any; sorted by the count that they begin with, largest first. */
function describe(names: string[], { descriptions }: KtxRunReport): string[] {
  if (descriptions === undefined) return names;
  const lines = names.map((name) => toShortLine(descriptions[name] ?? name));
  return lines.sort((left, right) => BY_LEADING_COUNT.compare(right, left));
}

/** Lists changes of profiles; their texts may have values of the database. */
function renderProfileChanges(report: KtxRunReport, limit: number, style: Style): string {
  return section('Profile changes', listWithLimit(profileChangeLines(report), '', limit), style);
}

function listWithLimit(names: string[], sign: string, limit: number): string[] {
  const shown = names.slice(0, limit).map((name) => `${sign}${name}`);
  const hidden = names.length - shown.length;
  return hidden > 0 ? [...shown, `${sign}… and ${hidden} more`] : shown;
}

function renderWork(report: KtxRunReport): string[] {
  return report.workUnits.map((unit) => `${unit.key}: ${formatEntities(unit, report)}`);
}

/** Names of the entities of a work unit, or their count if the names are hashes. */
function formatEntities({ entities }: KtxRunReport['workUnits'][number], { descriptions }: KtxRunReport): string {
  return descriptions === undefined ? entities.join(', ') : pluralize(entities.length, 'statement');
}

function section(title: string, lines: string[], style: Style): string {
  return lines.length === 0 ? '' : `\n${style.bold(title)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Folder of the staged files, relative to the project. */
function stagedDir(report: KtxRunReport): string {
  return ['raw-sources', report.connectionId, report.source, report.syncId].join('/');
}

function elapsed(report: KtxRunReport): string | undefined {
  if (report.finishedAt === null) return undefined;
  return formatDuration(Date.parse(report.finishedAt) - Date.parse(report.startedAt));
}

function formatElapsed(report: KtxRunReport): string {
  const time = elapsed(report);
  return time === undefined ? '' : ` in ${time}`;
}
