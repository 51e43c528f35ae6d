/** Search in the map. */

import type { Box } from '../../layout/geometry.js';
import type { MapTable } from './data.js';

/** What is searched for. */
export interface Filter {
  /** Parts of names, separated by spaces. */
  query: string;
  /** A schema; `undefined` for all. */
  schema: string | undefined;
}

/** Indices of the tables whose names have all parts, ignoring case; `undefined` if nothing is searched for. */
export function matchesOf(tables: readonly MapTable[], { query, schema }: Filter): Set<number> | undefined {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (parts.length === 0 && schema === undefined) return undefined;
  const matches = new Set<number>();
  for (const [index, table] of tables.entries()) {
    if (schema !== undefined && table.schema !== schema) continue;
    const name = table.name.toLowerCase();
    if (parts.every((part) => name.includes(part))) matches.add(index);
  }
  return matches;
}

/** The box around boxes; `undefined` without any. */
export function boxAround(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}
