/** The page `map`. */

import type { MapData } from './data.js';

/** The view. */
export function MapView({ data }: { data: MapData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
