/** Lines between boxes that are placed already: each leaves a box at the side that faces the other box. */

import { type Box, loopAt, type Point } from './geometry.js';

/** A line to draw. */
export interface Route {
  from: Box;
  to: Box;
}

type Side = 'left' | 'right' | 'top' | 'bottom';

/** An end of a line at a side of a box. */
interface End {
  box: Box;
  side: Side;
  other: Box;
  at: Point;
}

/** Share of a side over which the lines that end there are spread. */
const SPREAD = 0.7;

/** Draws lines with two points between their ends, towards which they bend. */
export function routeLines(routes: readonly Route[]): Point[][] {
  const ends = routes.map(({ from, to }) => {
    const [fromSide, toSide] = sidesOf(from, to);
    const at = { x: 0, y: 0 };
    return [
      { box: from, side: fromSide, other: to, at } as End,
      { box: to, side: toSide, other: from, at } as End,
    ] as const;
  });
  spread(ends.flatMap(([from, to], index) => (routes[index]?.from === routes[index]?.to ? [] : [from, to])));
  return routes.map(({ from, to }, index) => {
    const [start, end] = ends[index] as readonly [End, End];
    return from === to ? loopAt(from).points : bend(start, end);
  });
}

/** Sides at which a line leaves one box and reaches the other. */
function sidesOf(from: Box, to: Box): [Side, Side] {
  if (from.x + from.width < to.x) return ['right', 'left'];
  if (to.x + to.width < from.x) return ['left', 'right'];
  return from.y < to.y ? ['bottom', 'top'] : ['top', 'bottom'];
}

/** Spreads the ends at each side of each box, in the order of the boxes that they lead to. */
function spread(ends: readonly End[]): void {
  const sides = new Map<Box, Partial<Record<Side, End[]>>>();
  for (const end of ends) {
    const ofBox = sides.get(end.box) ?? {};
    sides.set(end.box, ofBox);
    ofBox[end.side] ??= [];
    ofBox[end.side]?.push(end);
  }
  for (const ofBox of sides.values()) for (const group of Object.values(ofBox)) placeAtSide(group);
}

function placeAtSide(group: End[]): void {
  const isVertical = group[0]?.side === 'left' || group[0]?.side === 'right';
  const middle = ({ other: { x, y, width, height } }: End) => (isVertical ? y + height / 2 : x + width / 2);
  group.sort((left, right) => middle(left) - middle(right));
  for (const [index, end] of group.entries()) {
    const share = 0.5 + ((index + 0.5) / group.length - 0.5) * SPREAD;
    end.at = pointAt(end.box, end.side, share);
  }
}

function pointAt({ x, y, width, height }: Box, side: Side, share: number): Point {
  switch (side) {
    case 'left':
      return { x, y: y + height * share };
    case 'right':
      return { x: x + width, y: y + height * share };
    case 'top':
      return { x: x + width * share, y };
    case 'bottom':
      return { x: x + width * share, y: y + height };
  }
}

/** A line that leaves both boxes at a right angle. */
function bend({ at: start, side }: End, { at: end }: End): Point[] {
  const isHorizontal = side === 'left' || side === 'right';
  const half = isHorizontal ? (end.x - start.x) / 2 : (end.y - start.y) / 2;
  const bends = isHorizontal
    ? [
        { x: start.x + half, y: start.y },
        { x: end.x - half, y: end.y },
      ]
    : [
        { x: start.x, y: start.y + half },
        { x: end.x, y: end.y - half },
      ];
  return [start, ...bends, end];
}
