/**
 * Lines between the tables of a block and the table beside it, with which all of them are joined: they pass between the
 * rows of the block, so that no box covers them.
 */

import type { Box, Point } from './geometry.js';

/** Distance of a line from the side of its box, and of parallel lines from each other and from the row above them. */
const AWAY = 5;
const ABOVE = 2;
const APART = 1.6;

/** Length of the straight line at the table beside the block, and the share of its side that lines end at. */
const BEND = 16;
const SPREAD = 0.7;

/** Draws a line from each table of a block, in rows with a gap between them, to the table beside the block. */
export function blockLines(tables: readonly Box[], block: Box, beside: Box, gap: number): Point[][] {
  const sign = beside.x > block.x ? 1 : -1;
  const edge = sign > 0 ? block.x + block.width : block.x;
  const lines = tables.map((): Point[] => []);
  for (const row of rowsOf(tables, sign)) {
    const step = Math.min(APART, (gap - 2 * ABOVE) / row.length);
    for (const [order, table] of row.entries()) {
      lines[table] = exitOf(tables[table] as Box, order === 0 ? undefined : ABOVE + order * step, edge, sign);
    }
  }
  const order = [...lines.keys()].sort((one, other) => (lines[one]?.at(-1)?.y ?? 0) - (lines[other]?.at(-1)?.y ?? 0));
  for (const [position, table] of order.entries()) {
    const share = 0.5 + ((position + 0.5) / order.length - 0.5) * SPREAD;
    const end = { x: sign > 0 ? beside.x : beside.x + beside.width, y: beside.y + beside.height * share };
    lines[table]?.push({ x: end.x - sign * BEND, y: end.y }, end);
  }
  return lines;
}

/** Tables by rows, the nearest to the table beside the block first. */
function rowsOf(tables: readonly Box[], sign: number): number[][] {
  const rows = new Map<number, number[]>();
  for (const [index, { y }] of tables.entries()) {
    if (!rows.has(y)) rows.set(y, []);
    rows.get(y)?.push(index);
  }
  const x = (index: number) => tables[index]?.x ?? 0;
  return [...rows.values()].map((row) => row.sort((one, other) => sign * (x(other) - x(one))));
}

/** The way out of the block: straight for the last table of a row, below the row for the others. */
function exitOf({ x, y, width, height }: Box, below: number | undefined, edge: number, sign: number): Point[] {
  const start = { x: sign > 0 ? x + width : x, y: y + height / 2 };
  const end = edge + sign * AWAY;
  if (below === undefined) return [start, { x: end - sign * 2, y: start.y }, { x: end, y: start.y }];
  const [away, low] = [start.x + sign * AWAY, y + height + below];
  // Two points at each corner, as a line is straight between them.
  return [
    start,
    { x: away - sign * 2, y: start.y },
    { x: away, y: start.y + 2 },
    { x: away, y: low - 2 },
    { x: away + sign * 2, y: low },
    { x: end - sign * 2, y: low },
    { x: end, y: low },
  ];
}
