/** The page `query`. */

import type { QueryData } from './data.js';

/** The view. */
export function QueryView({ data }: { data: QueryData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
