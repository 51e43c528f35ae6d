/** The page `history`. */

import type { HistoryData } from './data.js';

/** The view. */
export function HistoryView({ data }: { data: HistoryData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
