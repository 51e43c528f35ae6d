/** Which hit of a list is selected. */

import type { SearchHit } from '../../site/api.js';

/** Identifies a hit of an answer; two of a column may differ in their values only. */
export function keyOfHit({ kind, connectionId, name, why }: SearchHit): string {
  return `${kind} ${connectionId} ${name} ${why}`;
}

/**
 * Position of the selected hit, -1 if none is. The answer to the query may come after the selection, which was made in the
 * answer before: then it is the same hit, or the first.
 */
export function selectedPosition(selected: string | undefined, hits: SearchHit[]): number {
  if (selected === undefined || hits.length === 0) return -1;
  return Math.max(
    hits.findIndex((hit) => keyOfHit(hit) === selected),
    0,
  );
}

/** The position in a list after a key: past an end none is selected, and then the other end. */
export function nextPosition(position: number, step: number, count: number): number {
  const next = position + step;
  if (next < -1) return count - 1;
  return next >= count ? -1 : next;
}
