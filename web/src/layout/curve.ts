/** Lines as the attribute `d` of an SVG path. */

import type { Point } from './geometry.js';

/** A smooth line from the first point to the last one, drawn towards the points in between. */
export function curveThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${pair(first)}`];
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) parts.push(`L${pair(point)}`);
    else
      parts.push(`${index === 0 ? `L${pair(middle(first, point))}` : ''}Q${pair(point)} ${pair(middle(point, next))}`);
  });
  return parts.join('');
}

function middle(left: Point, right: Point): Point {
  return { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 };
}

function pair({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
