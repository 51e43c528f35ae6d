/** Points and boxes of drawings, in pixels from the upper left corner. */

/** A size. */
export interface Size {
  width: number;
  height: number;
}

/** A point. */
export interface Point {
  x: number;
  y: number;
}

/** A box: its upper left corner and its size. */
export interface Box extends Point, Size {}

/** How far the loop of a self-reference leads away from its box; less than the distances of boxes. */
const LOOP = 12;

/** The loop of a self-reference, at the right of its box. */
export function loopAt({ x, y, width, height }: Box): { points: Point[]; labelAt: Point } {
  const [left, right, top, bottom] = [x + width, x + width + LOOP, y + height * 0.3, y + height * 0.7];
  const points = [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
  return { points, labelAt: { x: right, y: y + height / 2 } };
}

/** A box around a box, larger by a padding on each side. */
export function padded({ x, y, width, height }: Box, padding: number): Box {
  return { x: x - padding, y: y - padding, width: width + 2 * padding, height: height + 2 * padding };
}
