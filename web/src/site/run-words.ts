/** Runs and their changes in words, with the terms of `ktx scan report`. */

import type { KtxLeftOut, KtxProfileSummary, KtxRelationshipSummary, KtxScanMode, KtxTableChange } from '@kaelio/ktx';
import type { CommandWords } from './command-line.js';
import { countOf, formatNumber, formatTime } from './format.js';
import { type RunSummary, SCAN_SOURCE } from './run-summary.js';

/** Kinds of changes, in the order in which they are listed. */
export const CHANGE_KINDS = ['added', 'modified', 'deleted'] as const;

/** Kind of a change of an entity. */
export type ChangeOfEntity = (typeof CHANGE_KINDS)[number];

/** Signs of changes, as on the command line. */
export const CHANGE_SIGNS: Record<ChangeOfEntity, string> = { added: '+', modified: '~', deleted: '−' };

const MODES: Record<KtxScanMode, string> = {
  structural: 'of tables, columns and keys',
  enriched: 'with profiles',
  relationships: 'with profiles and relationships',
};

/** What a run was: `Scan with profiles`, `Ingest of looker`. */
export function kindOfRun({ source, mode }: Pick<RunSummary, 'source' | 'mode'>): string {
  if (source !== SCAN_SOURCE) return `Ingest of ${source}`;
  return mode === null ? 'Scan' : `Scan ${MODES[mode]}`;
}

/** Title of the page of a run: `Scan of shop, 2026-05-04 13:05`. */
export function titleOfRun({
  source,
  connectionId,
  startedAt,
}: Pick<RunSummary, 'source' | 'connectionId' | 'startedAt'>): string {
  return `${source === SCAN_SOURCE ? 'Scan' : 'Ingest'} of ${connectionId}, ${formatTime(startedAt)}`;
}

/** What a run has changed: `2 tables added, 1 modified; 6 unchanged`. */
export function diffInWords({ source, status, counts }: Pick<RunSummary, 'source' | 'status' | 'counts'>): string {
  if (status === 'running') return 'Running';
  if (status === 'failed') return 'Failed';
  const { unchanged } = counts;
  const changed = CHANGE_KINDS.filter((kind) => counts[kind] > 0);
  if (changed.length === 0) {
    return unchanged === 0 ? 'Nothing found' : `Nothing changed: all ${formatNumber(unchanged)} unchanged`;
  }
  const parts = changed.map((kind, index) => {
    const count = index === 0 ? countEntities(counts[kind], source) : formatNumber(counts[kind]);
    return `${count} ${kind}`;
  });
  return `${parts.join(', ')}${unchanged === 0 ? '' : `; ${formatNumber(unchanged)} unchanged`}`;
}

/** `2 tables`, `1 statement`, `3 entities`: what an adapter stages. */
export function countEntities(count: number, source: string): string {
  if (source === SCAN_SOURCE) return countOf(count, 'table');
  if (source === 'historic-sql') return countOf(count, 'statement');
  return `${formatNumber(count)} ${count === 1 ? 'entity' : 'entities'}`;
}

const KINDS: Record<KtxTableChange['kind'], string> = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  renamed: 'renamed?',
  omitted: 'more',
};

const OBJECTS: Record<KtxTableChange['object'], string> = {
  table: 'table',
  column: 'column',
  index: 'index',
  unique_key: 'unique key',
  foreign_key: 'foreign key',
  check: 'check',
};

/** A change of a table, for a line of a list. */
export interface ChangeWords {
  /** `added`; `renamed?` for a proposal. */
  kind: string;
  /** `column`; empty if the text says it. */
  object: string;
  /** Name and values: `cost numeric(10,2) → numeric(14,4)`. */
  text: string;
}

/** Describes a change of a table. */
export function changeInWords({ kind, object, text }: KtxTableChange): ChangeWords {
  const rest = text.replace(/^(?:[+~…-]|rename\?) /, '');
  // `index a (b)`, `table`, `the table is left out …`
  const says = object === 'table' || rest.startsWith(OBJECTS[object]);
  return { kind: KINDS[kind], object: says ? '' : OBJECTS[object], text: rest };
}

/** `315 ms`, `1.2 s`, `2 min 5 s` */
export function durationInWords(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 100) / 10;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(milliseconds / 1000);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `512 bytes`, `1.5 GiB` */
export function bytesInWords(bytes: number): string {
  const exponent = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), BYTE_UNITS.length - 1);
  return `${Number((bytes / 1024 ** exponent).toFixed(1))} ${BYTE_UNITS[exponent]}`;
}

/** How tables were profiled: `8 tables in 0.2 s by 16 statements, 1 on a sample`. */
export function profileInWords(profile: KtxProfileSummary): string {
  const { profiled, sampled, unread, skipped, statements, bytes, seconds } = profile;
  const parts = [
    `${countOf(profiled, 'table')} in ${seconds.toFixed(1)} s by ${countOf(statements, 'statement')}`,
    sampled > 0 ? `${formatNumber(sampled)} on a sample` : '',
    bytes === undefined ? '' : `${bytesInWords(bytes)} read`,
    unread.length > 0 ? `${formatNumber(unread.length)} could not be read` : '',
    skipped.length > 0 ? `${formatNumber(skipped.length)} left out` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `8 accepted, 1 to review, 0 rejected; 8 keys` */
export function relationshipsInWords({ accepted, review, rejected, keys }: KtxRelationshipSummary): string {
  const counts = [`${formatNumber(accepted)} accepted`, `${formatNumber(review)} to review`];
  return `${counts.join(', ')}, ${formatNumber(rejected)} rejected; ${countOf(keys, 'key')}`;
}

/** What the data policy left out: `1 table, 2 columns`. */
export function leftOutInWords({ tables, columns, templates = 0 }: Omit<KtxLeftOut, 'patterns'>): string {
  const counts: [number, string][] = [
    [tables, 'table'],
    [columns, 'column'],
    [templates, 'statement'],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, noun]) => countOf(count, noun))
    .join(', ');
}

/** The command that shows the report of a run. */
export function reportCommand(
  { source, runId }: Pick<RunSummary, 'source' | 'runId'>,
  ...flags: string[]
): CommandWords {
  return ['ktx', source === SCAN_SOURCE ? 'scan' : 'ingest', 'report', runId, ...flags];
}
