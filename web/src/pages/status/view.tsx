/** The page `status`. */

import type { StatusData } from './data.js';

/** The view. */
export function StatusView({ data }: { data: StatusData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
