/** The page `changes`. */

import type { ChangesData } from './data.js';

/** The view. */
export function ChangesView({ data }: { data: ChangesData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
