/** Data of the page `history`. */

import type { KtxQueryTemplate } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { productWithoutHistory } from '../../node/database.js';
import { tableNames } from '../../node/table-names.js';
import { queryHistory, type ShownTemplate, shownTemplate } from './templates.js';

/** Data of the page. */
export interface HistoryData {
  connectionId: string;
  /** `null` before the first ingest of the query history. */
  history: ShownHistory | null;
  /** Name of a product that keeps no history; `null` for others. */
  withoutHistory: string | null;
}

/** The most frequent and the slowest templates. */
export interface ShownHistory {
  syncId: string;
  /** Number of all templates. */
  templateCount: number;
  /** Most total time first. */
  slowest: ShownTemplate[];
  /** Most calls first. */
  mostFrequent: ShownTemplate[];
}

/** Number of templates in each order. */
const TOP = 50;

/** Loads the data. */
export async function loadHistory(
  context: LoadContext,
  { connectionId }: { connectionId: string },
): Promise<HistoryData> {
  const history = await queryHistory(context, connectionId);
  const withoutHistory = productWithoutHistory(context, connectionId);
  if (history === undefined) return { connectionId, history: null, withoutHistory };
  const { syncId, templateCount, templates } = history;
  const names = await tableNames(context, connectionId);
  const top = (key: 'totalMs' | 'calls') => topBy(templates, key).map((template) => shownTemplate(template, names));
  return {
    connectionId,
    withoutHistory,
    history: { syncId, templateCount, slowest: top('totalMs'), mostFrequent: top('calls') },
  };
}

function topBy(templates: KtxQueryTemplate[], key: 'totalMs' | 'calls'): KtxQueryTemplate[] {
  return templates.toSorted((one, other) => other[key] - one[key]).slice(0, TOP);
}
