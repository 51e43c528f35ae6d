/**
 * The parts of a semantic source that static files may name.
 *
 * The file of a source is the user's own text: it may have columns that the data policy denies. Those are missing in the
 * table of the newest scan, and so are columns that no longer exist.
 */

import type {
  KtxSemanticColumn,
  KtxSemanticMeasure,
  KtxSemanticSegment,
  KtxSemanticSource,
  KtxTable,
} from '@kaelio/ktx';

/** The parts that a search may find. */
export interface VisibleParts {
  columns: KtxSemanticColumn[];
  measures: KtxSemanticMeasure[];
  segments: KtxSemanticSegment[];
}

/** Leaves out columns that the table does not have, and what names them. Without a table, all parts are visible. */
export function visibleParts(source: KtxSemanticSource, table: Pick<KtxTable, 'columns'> | undefined): VisibleParts {
  const columns = (source.columns ?? []).filter(({ visibility = 'public' }) => visibility === 'public');
  const { measures = [], segments = [] } = source;
  const hidden = hiddenNames(source, table);
  if (hidden.size === 0) return { columns, measures, segments };
  const isVisible = (part: object) => !namesAny(JSON.stringify(part), hidden);
  return {
    columns: columns.filter(isVisible),
    measures: measures.filter(isVisible),
    segments: segments.filter(isVisible),
  };
}

/** Names of columns that the table does not have, in lower case. */
export function hiddenNames(source: KtxSemanticSource, table: Pick<KtxTable, 'columns'> | undefined): Set<string> {
  if (table === undefined) return new Set();
  const existing = new Set(table.columns.map(({ name }) => name.toLowerCase()));
  const read = (source.columns ?? []).filter(({ expr, measure }) => expr === undefined && measure === undefined);
  return new Set(read.map(({ name }) => name.toLowerCase()).filter((name) => !existing.has(name)));
}

/** Whether a text has one of the names, in lower case, as a word. */
export function namesAny(text: string, names: Set<string>): boolean {
  return (text.toLowerCase().match(/[\p{L}\p{M}\p{N}_$]+/gu) ?? []).some((word) => names.has(word));
}
