/** The page `tables`. */

import type { TablesData } from './data.js';

/** The view. */
export function TablesView({ data }: { data: TablesData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
