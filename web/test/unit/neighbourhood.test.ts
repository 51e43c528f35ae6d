/** Layout of a table and its neighbours: all in the drawing, no overlaps, and no line is behind a box. */

import { describe, expect, it } from 'vitest';
import type { Box, Point } from '../../src/layout/geometry.js';
import type { NeighbourJoin } from '../../src/layout/neighbour-lines.js';
import { layoutNeighbourhood, type NeighbourhoodInput } from '../../src/layout/neighbourhood.js';
import { boxesAround, sampled } from './lines.js';

const AREA = { width: 930, height: 560 };

const star = (count: number, outgoing: (index: number) => boolean, rows = 1): NeighbourhoodInput => ({
  rows,
  neighbours: count,
  joins: Array.from(
    { length: count },
    (_, index): NeighbourJoin => ({
      row: index % rows,
      neighbour: index,
      outgoing: outgoing(index),
    }),
  ),
  area: AREA,
});

const CASES: Record<string, NeighbourhoodInput> = {
  'no neighbours': { rows: 0, neighbours: 0, joins: [], area: AREA },
  'one neighbour': star(1, () => true),
  'six neighbours at both sides': star(6, (index) => index % 2 === 0, 3),
  'a hub with 30 neighbours': star(30, () => false),
  'a hub with 120 neighbours': star(120, () => false),
  'a hub that refers to 120 tables by 120 columns': star(120, () => true, 120),
  'a hub with 1,000 neighbours': star(1000, (index) => index % 3 === 0, 5),
  'a narrow window': { ...star(20, () => false), area: { width: 280, height: 300 } },
  'several joins with one table, and one with itself': {
    rows: 3,
    neighbours: 2,
    joins: [
      { row: 0, neighbour: 0, outgoing: true },
      { row: 1, neighbour: 0, outgoing: true },
      { row: 2, neighbour: 0, outgoing: false },
      { row: 2, neighbour: 1, outgoing: false },
      { row: 0, neighbour: undefined, toRow: 2, outgoing: true },
      { row: 0, neighbour: undefined, toRow: 0, outgoing: true },
    ],
    area: AREA,
  },
};

describe.each(Object.entries(CASES))('layoutNeighbourhood of %s', (_, input) => {
  const layout = layoutNeighbourhood(input);
  const { width, height, centre, boxes, lines } = layout;

  it('has everything within the drawing', () => {
    expect(boxes).toHaveLength(input.neighbours);
    expect(lines).toHaveLength(input.joins.length);
    for (const box of [centre, ...boxes]) expect(isWithin(box, width, height)).toBe(true);
    for (const { x, y } of lines.flat()) expect(isWithin({ x, y, width: 0, height: 0 }, width, height)).toBe(true);
  });

  it('has no overlaps', () => {
    const all = [centre, ...boxes];
    const pairs = all.flatMap((one, index) => all.slice(index + 1).filter((other) => overlap(one, other)));
    expect(pairs).toEqual([]);
  });

  it('has lines that no box covers', () => {
    const around = boxesAround([centre, ...boxes]);
    expect(lines.flatMap((points) => sampled(points).flatMap(around))).toEqual([]);
  });

  it('has lines from the middle to the other table, in the direction of the join', () => {
    for (const [index, points] of lines.entries()) {
      const { neighbour, outgoing } = input.joins[index] as NeighbourJoin;
      const other = neighbour === undefined ? centre : (boxes[neighbour] as Box);
      expect(isAtSide(points[0], outgoing ? centre : other)).toBe(true);
      expect(isAtSide(points.at(-1), outgoing ? other : centre)).toBe(true);
    }
  });

  it('is the same again', () => {
    expect(layoutNeighbourhood(input)).toEqual(layout);
  });
});

describe('layoutNeighbourhood', () => {
  it('is not larger than the area for a hub with 120 neighbours', () => {
    const { width, height } = layoutNeighbourhood(star(120, () => false));
    expect({ width, height }).toEqual(AREA);
  });

  it('has the tables that are referred to at the right', () => {
    const { boxes, centre } = layoutNeighbourhood(star(4, (index) => index < 2));
    expect(boxes.map(({ x }) => x > centre.x)).toEqual([true, true, false, false]);
  });
});

function isWithin(box: Box, width: number, height: number): boolean {
  return box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
}

function overlap(one: Box, other: Box): boolean {
  const sideways = one.x < other.x + other.width && other.x < one.x + one.width;
  return sideways && one.y < other.y + other.height && other.y < one.y + one.height;
}

function isAtSide(point: Point | undefined, box: Box): boolean {
  if (point === undefined || point.y < box.y || point.y > box.y + box.height) return false;
  return Math.min(Math.abs(point.x - box.x), Math.abs(point.x - box.x - box.width)) < 0.1;
}
