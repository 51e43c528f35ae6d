/** The page `source`. */

import type { SourceData } from './data.js';

/** The view. */
export function SourceView({ data }: { data: SourceData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
