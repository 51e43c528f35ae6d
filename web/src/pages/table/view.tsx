/** The page `table`. */

import type { TableData } from './data.js';

/** The view. */
export function TableView({ data }: { data: TableData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
