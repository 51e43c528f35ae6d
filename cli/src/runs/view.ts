/** Runs as people read them: scans and ingests of every adapter. */

import type { KtxDiffSummary, KtxRunReport } from '@kaelio/ktx';
import { renderFacts, renderTable } from '../output/table.js';
import { count, duration } from '../output/text.js';
import type { Style } from '../terminal/style.js';

/** Names shown of each kind of change before `… and N more`. */
const NAMES_SHOWN = 10;

/** Characters of a description on a line of its own. */
const DESCRIPTION_LENGTH = 160;

/** How a kind of run is spoken of. */
export interface RunWords {
  /** What was done: `Scanned warehouse`. */
  title(report: KtxRunReport): string;
  /** What changes are counted from: `last scan`. */
  base: string;
  /** Said where nothing is recorded yet. */
  none: string;
  /** Whether the runs may be of several sources, so that each has to name its own. */
  sources: boolean;
}

/** The views of a kind of run. */
export interface RunViews {
  /** What one run did. */
  renderRun(report: KtxRunReport, style: Style): Promise<string>;
  /** The recorded runs, newest first. */
  renderRuns(runs: KtxRunReport[], style: Style): Promise<string>;
  /** One recorded run; `complete` names every change and every unit of work. */
  renderReport(report: KtxRunReport, options: { complete: boolean }, style: Style): Promise<string>;
}

/** Makes the views that speak of runs in these words. */
export function runViews(words: RunWords): RunViews {
  return {
    renderRun: (report, style) => renderRun(report, words, style),
    renderRuns: (runs, style) => renderRuns(runs, words, style),
    renderReport: (report, options, style) => renderReport(report, options, words, style),
  };
}

async function renderRun(report: KtxRunReport, words: RunWords, style: Style): Promise<string> {
  const title = `${style.bold(words.title(report))}${took(report)}`;
  const facts = await renderFacts(
    [
      ['Staged in', report.dryRun || report.syncId === '' ? undefined : stagedIn(report)],
      ['Run', report.runId || undefined],
    ],
    style,
  );
  const dryRun = report.dryRun ? 'Dry run: nothing was staged\n' : '';
  return `${title}\n${renderChanges(report, NAMES_SHOWN, words, style)}\n${facts}${dryRun}`;
}

async function renderRuns(runs: KtxRunReport[], words: RunWords, style: Style): Promise<string> {
  if (runs.length === 0) return `${words.none}\n`;
  const columns = [
    { title: 'RUN' },
    { title: 'CONNECTION' },
    ...(words.sources ? [{ title: 'ADAPTER' }] : []),
    { title: 'STATUS' },
    { title: 'STARTED' },
    { title: 'TOOK', align: 'right' as const },
    { title: 'CHANGES' },
  ];
  const rows = runs.map((run) => [
    run.runId,
    run.connectionId,
    ...(words.sources ? [run.source] : []),
    run.dryRun ? `${run.status} (dry run)` : run.status,
    run.startedAt,
    elapsed(run) ?? '',
    run.status === 'done' ? signedCounts(run.diffSummary) : (run.error ?? ''),
  ]);
  return renderTable(columns, rows, style);
}

async function renderReport(
  report: KtxRunReport,
  { complete }: { complete: boolean },
  words: RunWords,
  style: Style,
): Promise<string> {
  const facts = await renderFacts(
    [
      ['Run', report.runId],
      ['Connection', report.connectionId],
      ['Adapter', words.sources ? report.source : undefined],
      ['Status', report.dryRun ? `${report.status} (dry run)` : report.status],
      ['Started', report.startedAt],
      ['Took', elapsed(report)],
      ['Staged in', report.status === 'done' && !report.dryRun ? stagedIn(report) : undefined],
      ['Error', report.error ?? undefined],
    ],
    style,
  );
  if (report.status !== 'done') return facts;
  const changes = renderChanges(report, complete ? Number.POSITIVE_INFINITY : NAMES_SHOWN, words, style);
  return `${facts}\n${changes}${complete ? renderWork(report, style) : ''}`;
}

/** `+1 added  ~0 modified  -0 deleted  =4 unchanged`, in few words. */
function signedCounts({ added, modified, deleted, unchanged }: KtxDiffSummary): string {
  return `+${added} ~${modified} -${deleted} =${unchanged}`;
}

function renderChanges(report: KtxRunReport, limit: number, words: RunWords, style: Style): string {
  const { added, modified, deleted, unchanged } = report.diffSummary;
  if (added + modified + deleted === 0) {
    return unchanged === 0
      ? 'Nothing is there\n'
      : `Nothing changed since the ${words.base}: all ${unchanged} unchanged\n`;
  }
  const counts = [
    style.good(`+${added} added`),
    style.change(`~${modified} modified`),
    style.bad(`-${deleted} deleted`),
    `=${unchanged} unchanged`,
  ].join('  ');
  const { changes } = report;
  const names = [
    ...namesOf(readable(changes.added, report), style.good('+'), limit),
    ...namesOf(readable(changes.modified, report), style.change('~'), limit),
    ...namesOf(readable(changes.deleted, report), style.bad('-'), limit),
  ];
  return `${counts}\n${names.map((name) => `  ${name}\n`).join('')}`;
}

const BY_LEADING_COUNT = new Intl.Collator('en', { numeric: true });

/** Names as people read them; those whose descriptions begin with a count are sorted by it, the largest first. */
function readable(names: string[], { descriptions }: KtxRunReport): string[] {
  if (descriptions === undefined) return names;
  const lines = names.map((name) => shortened(descriptions[name] ?? name));
  return lines.sort((left, right) => BY_LEADING_COUNT.compare(right, left));
}

/** One line of at most {@link DESCRIPTION_LENGTH} characters. */
function shortened(text: string): string {
  // The text comes from somebody's database: it must not move the cursor of a terminal.
  const line = text.replaceAll(/\p{Cc}+/gu, ' ');
  return line.length <= DESCRIPTION_LENGTH ? line : `${line.slice(0, DESCRIPTION_LENGTH - 1)}…`;
}

function namesOf(names: string[], sign: string, limit: number): string[] {
  const shown = names.slice(0, limit).map((name) => `${sign} ${name}`);
  const hidden = names.length - shown.length;
  return hidden > 0 ? [...shown, `${sign} … and ${hidden} more`] : shown;
}

function renderWork(report: KtxRunReport, style: Style): string {
  const units = report.workUnits.map((unit) => `  ${unit.key}: ${entitiesOf(unit, report)}\n`);
  const warnings = report.warnings.map((warning) => `  ${warning}\n`);
  return [section('Work to do', units, style), section('Warnings', warnings, style)].join('');
}

/** Names; of entities whose names are hashes only how many. */
function entitiesOf({ entities }: KtxRunReport['workUnits'][number], { descriptions }: KtxRunReport): string {
  return descriptions === undefined ? entities.join(', ') : count(entities.length, 'statement');
}

function section(title: string, lines: string[], style: Style): string {
  return lines.length === 0 ? '' : `\n${style.bold(title)}\n${lines.join('')}`;
}

/** Folder of what a run staged, relative to the project. */
function stagedIn(report: KtxRunReport): string {
  return ['raw-sources', report.connectionId, report.source, report.syncId].join('/');
}

function elapsed(report: KtxRunReport): string | undefined {
  if (report.finishedAt === null) return undefined;
  return duration(Date.parse(report.finishedAt) - Date.parse(report.startedAt));
}

function took(report: KtxRunReport): string {
  const time = elapsed(report);
  return time === undefined ? '' : ` in ${time}`;
}
