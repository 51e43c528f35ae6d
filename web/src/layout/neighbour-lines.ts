/** Lines between the table in the middle of a neighbourhood and the tables around it. */

import type { Box, Point } from './geometry.js';

/** A join of the table in the middle. */
export interface NeighbourJoin {
  /** Index of the row of the table in the middle that is joined. */
  row: number;
  /** Index of the other table; `undefined` for a reference to itself, which ends at the row `toRow`. */
  neighbour: number | undefined;
  toRow?: number;
  /** Whether the table in the middle refers to the other one. */
  outgoing: boolean;
}

/** Where a table is, and the points that a line passes on its way to it from the middle. */
export interface Place {
  box: Box;
  side: 'left' | 'right';
  passes: Point[];
}

/** Length of the straight part of a line at the table in the middle. */
const BEND = 14;

/** How far the loop of a self-reference leads away. */
const LOOP = 32;

/** Draws the lines of joins; `rowsAt` are the middles of the rows of the table in the middle. */
export function linesOf(
  joins: readonly NeighbourJoin[],
  places: readonly Place[],
  centre: Box,
  rowsAt: readonly number[],
): Point[][] {
  const counts = new Map<number, number>();
  for (const { neighbour } of joins) {
    if (neighbour !== undefined) counts.set(neighbour, (counts.get(neighbour) ?? 0) + 1);
  }
  const drawn = new Map<number, number>();
  return joins.map(({ neighbour, row, toRow, outgoing }) => {
    if (neighbour === undefined) return loopOf(centre, rowsAt[row] ?? 0, rowsAt[toRow ?? row] ?? 0);
    const place = places[neighbour] as Place;
    const order = drawn.get(neighbour) ?? 0;
    drawn.set(neighbour, order + 1);
    const shift = spreadOf(order, counts.get(neighbour) ?? 1, place.box.height);
    const points = lineTo(place, centre, rowsAt[row] ?? 0, shift);
    return outgoing ? points : points.reverse();
  });
}

/** How far the end of one of several lines is from the middle of a box. */
function spreadOf(order: number, count: number, height: number): number {
  return (order - (count - 1) / 2) * Math.min(6, (height - 4) / count);
}

function lineTo({ box, side, passes }: Place, centre: Box, y: number, shift: number): Point[] {
  const sign = side === 'right' ? 1 : -1;
  const start = { x: side === 'right' ? centre.x + centre.width : centre.x, y };
  const end = { x: side === 'right' ? box.x : box.x + box.width, y: box.y + box.height / 2 + shift };
  // A gap has room for parallel lines only if they are close to each other.
  const within = passes.map((point) => ({ x: point.x, y: point.y + Math.max(-1, Math.min(1, shift / 3)) }));
  const first = within[0] ?? { x: end.x - sign * 4, y: end.y };
  // Straight between the middle and the column, so that lines to different tables can be distinguished.
  const bend = { x: start.x + sign * BEND, y };
  const ahead = { x: first.x - sign * BEND, y: first.y };
  return [start, bend, ahead, ...within, { x: end.x - sign * 8, y: end.y }, end];
}

/** A reference of the table to itself, from one of its rows to another, around its right side. */
function loopOf({ x, width }: Box, from: number, to: number): Point[] {
  const [edge, away] = [x + width, x + width + LOOP];
  const shift = from === to ? 5 : 0;
  return [
    { x: edge, y: from - shift },
    { x: away, y: from - shift },
    { x: away, y: to + shift },
    { x: edge, y: to + shift },
  ];
}
