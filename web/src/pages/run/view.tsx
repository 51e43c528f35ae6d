/** The page `run`. */

import type { RunData } from './data.js';

/** The view. */
export function RunView({ data }: { data: RunData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
