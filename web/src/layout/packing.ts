/** Placing of boxes beside each other. */

import potpack from 'potpack';
import type { Point, Size } from './geometry.js';

/** Where boxes are placed, in the order that they were given in, and how large the area is. */
export interface Packing extends Size {
  at: Point[];
}

/** Width of an area in relation to its height that fits a screen. */
const ASPECT = 1.55;

/** Proportions that are tried, as large boxes may leave much room in one of them. */
const TRIED = [0.7, 1, 1.3, ASPECT, 2, 2.6, 3.5];

/** Packs boxes of any sizes into an area of about the proportions of a screen. */
export function pack(sizes: readonly Size[], gap: number): Packing {
  const scaleOf = ({ width, height }: Size) => Math.max(width / ASPECT, height);
  const packings = TRIED.map((aspect) => packWith(sizes, gap, aspect));
  return packings.reduce((best, packing) => (scaleOf(packing) < scaleOf(best) ? packing : best));
}

function packWith(sizes: readonly Size[], gap: number, aspect: number): Packing {
  // The area that is returned is about square, in units that are wider than they are high.
  const boxes = sizes.map(({ width, height }) => ({ w: (width + gap) / aspect, h: height + gap, x: 0, y: 0 }));
  potpack([...boxes]);
  const at = boxes.map(({ x, y }) => ({ x: Math.round(x * aspect), y: Math.round(y) }));
  return { at, ...extent(at, sizes) };
}

/** Places boxes in rows, in their order, like words of a text. */
export function flow(sizes: readonly Size[], gap: number, aspect = ASPECT): Packing {
  const area = sizes.reduce((total, { width, height }) => total + (width + gap) * (height + gap), 0);
  const rowWidth = Math.max(Math.sqrt(area * aspect), ...sizes.map(({ width }) => width));
  const at: Point[] = [];
  let [x, y, rowHeight] = [0, 0, 0];
  for (const { width, height } of sizes) {
    if (x > 0 && x + width > rowWidth) [x, y, rowHeight] = [0, y + rowHeight + gap, 0];
    at.push({ x, y });
    x += width + gap;
    rowHeight = Math.max(rowHeight, height);
  }
  return { at, ...extent(at, sizes) };
}

function extent(at: readonly Point[], sizes: readonly Size[]): Size {
  let [width, height] = [0, 0];
  for (const [index, { x, y }] of at.entries()) {
    width = Math.max(width, x + (sizes[index]?.width ?? 0));
    height = Math.max(height, y + (sizes[index]?.height ?? 0));
  }
  return { width, height };
}
