/** The page `metrics`. */

import type { MetricsData } from './data.js';

/** The view. */
export function MetricsView({ data }: { data: MetricsData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
