/** The page `overview`. */

import type { OverviewData } from './data.js';

/** The view. */
export function OverviewView({ data }: { data: OverviewData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
