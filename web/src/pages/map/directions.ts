/** Which box the arrow keys lead to. */

import type { Box } from '../../layout/geometry.js';

/** Steps to the right and downwards: one of them is 1 or -1, the other 0. */
export type Direction = [x: number, y: number];

/** A box beside counts as this much farther away for each pixel that it is off the direction. */
const OFF_COST = 2.5;

/** The nearest box in a direction; `undefined` if there is none. */
export function neighbourIn(boxes: readonly Box[], from: number, [x, y]: Direction): number | undefined {
  const start = boxes[from];
  if (start === undefined) return undefined;
  let best: number | undefined;
  let least = Infinity;
  for (const [index, box] of boxes.entries()) {
    const [right, down] = [centre(box).x - centre(start).x, centre(box).y - centre(start).y];
    const ahead = right * x + down * y;
    const cost = ahead + Math.abs(right * y + down * x) * OFF_COST;
    if (index !== from && ahead > 1 && cost < least) [best, least] = [index, cost];
  }
  return best;
}

function centre({ x, y, width, height }: Box): { x: number; y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}
