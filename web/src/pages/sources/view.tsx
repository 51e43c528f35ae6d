/** The page `sources`. */

import type { SourcesData } from './data.js';

/** The view. */
export function SourcesView({ data }: { data: SourcesData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
