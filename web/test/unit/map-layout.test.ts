/** Layout of maps: no overlaps, everything in its frame, lines end at their boxes, fast. */

import { describe, expect, it } from 'vitest';
import type { Box, Point } from '../../src/layout/geometry.js';
import { layoutMap } from '../../src/layout/map-layout.js';
import { boxesAround, sampled } from './lines.js';
import { clique, type Graph, hub, warehouse } from './map-data.js';

const tables = (count: number, schema = 's') =>
  Array.from({ length: count }, (_, index) => ({ schema, name: `t${index}` }));

const GRAPHS: Record<string, Graph> = {
  'no tables': { tables: [], joins: [] },
  'one table': { tables: tables(1), joins: [] },
  'one table that refers to itself': { tables: tables(1), joins: [{ from: 0, to: 0 }] },
  'two tables': { tables: tables(2), joins: [{ from: 0, to: 1 }] },
  'tables without schemas': { tables: tables(30, ''), joins: [{ from: 0, to: 1 }] },
  'a cycle': { tables: tables(3), joins: [0, 1, 2].map((from) => ({ from, to: (from + 1) % 3 })) },
  'a cycle of 60': { tables: tables(60), joins: tables(60).map((_, from) => ({ from, to: (from + 1) % 60 })) },
  'a chain of 300': { tables: tables(300), joins: tables(299).map((_, from) => ({ from, to: from + 1 })) },
  'several joins of two tables': { tables: tables(5), joins: [0, 1, 0, 1, 0].map((from) => ({ from, to: 1 - from })) },
  pairs: { tables: tables(40), joins: tables(20).map((_, from) => ({ from: from * 2, to: from * 2 + 1 })) },
  'tables without joins': { tables: tables(100), joins: [] },
  'a schema for each table': {
    tables: tables(50).map(({ name }) => ({ schema: name, name })),
    joins: tables(49).map((_, from) => ({ from, to: from + 1 })),
  },
  'a hub with 120 tables that refer to it': hub(120),
  'a hub that refers to 120 tables': hub(120, 'out'),
  'a hub with 1,000 tables': hub(1000),
  'a clique of 30': clique(30),
  '50 tables': warehouse(50),
  '400 tables': warehouse(400),
  '1,000 tables': warehouse(1000, 12),
  'names of members of objects': {
    tables: ['__proto__', 'constructor', '', 'toString', '1'].map((name) => ({ schema: name, name })),
    joins: [1, 2, 3, 4].map((from) => ({ from, to: 0 })),
  },
  'long names': {
    tables: tables(9).map(({ name }) => ({ schema: 'x'.repeat(10_000), name: name + '表'.repeat(10_000) })),
    joins: [{ from: 0, to: 1 }],
  },
};

describe.each(Object.entries(GRAPHS))('layoutMap of %s', (_, { tables, joins }) => {
  const map = layoutMap(tables, joins);

  it('places all tables and joins', () => {
    expect(map.boxes).toHaveLength(tables.length);
    expect(map.labels).toHaveLength(tables.length);
    expect(map.lines).toHaveLength(joins.length);
    for (const label of map.labels) expect(label.length).toBeLessThan(40);
  });

  it('has no overlaps', () => {
    expect(overlaps(map.boxes)).toEqual([]);
    expect(overlaps(map.frames.filter(({ level }) => level === 'schema'))).toEqual([]);
    expect(overlaps(map.frames.filter(({ level }) => level === 'group'))).toEqual([]);
  });

  it('has everything within the canvas, and boxes within the frames of their schemas', () => {
    const canvas = { x: 0, y: 0, width: map.width, height: map.height };
    for (const each of [...map.boxes, ...map.frames]) expect(contains(canvas, each)).toBe(true);
    const frames = new Map(map.frames.filter(({ level }) => level === 'schema').map((each) => [each.schema, each]));
    for (const [index, box] of map.boxes.entries()) {
      const frame = frames.get(tables[index]?.schema ?? '');
      if (frame !== undefined) expect(contains(frame, box)).toBe(true);
    }
    for (const group of map.frames.filter(({ level }) => level === 'group')) {
      expect(contains(frames.get(group.schema) ?? canvas, group)).toBe(true);
    }
  });

  it('has lines from box to box', () => {
    for (const [index, points] of map.lines.entries()) {
      const { from, to } = joins[index] as { from: number; to: number };
      expect(isAtBorder(map.boxes[from], points[0])).toBe(true);
      expect(isAtBorder(map.boxes[to], points.at(-1))).toBe(true);
    }
  });

  it('is the same again', () => {
    expect(layoutMap(tables, joins)).toEqual(map);
  });
});

describe('layoutMap', () => {
  it.each([
    [400, 1000],
    [3000, 10_000],
  ])('takes %i tables in %i ms', (count, limit) => {
    const { tables, joins } = warehouse(count, 8);
    const start = performance.now();
    layoutMap(tables, joins);
    expect(performance.now() - start).toBeLessThan(limit);
  });

  it.each(['in', 'out'] as const)('has lines that no box covers between a hub and its 120 tables: %s', (direction) => {
    const { tables, joins } = hub(120, direction);
    const { boxes, lines } = layoutMap(tables, joins);
    const around = boxesAround(boxes);
    expect(lines.flatMap((points) => sampled(points).flatMap(around))).toEqual([]);
  });

  it('counts the tables of a frame, and names groups after the table with the most joins', () => {
    const { tables, joins } = hub(6);
    const map = layoutMap([...tables, { schema: 's', name: 'alone' }], joins);
    expect(map.frames.map(({ level, title, tables }) => [level, title, tables])).toEqual([
      ['schema', 's', 8],
      ['group', 't0', 7],
      ['group', 'Not joined', 1],
    ]);
  });

  it('uses most of the area for 400 tables, in the proportions of a screen', () => {
    const { tables, joins } = warehouse(400);
    const { width, height, boxes } = layoutMap(tables, joins);
    const used = boxes.reduce((total, box) => total + box.width * box.height, 0);
    expect(used / (width * height)).toBeGreaterThan(0.15);
    expect(width / height).toBeGreaterThan(1);
    expect(width / height).toBeLessThan(2.2);
  });
});

/** Pairs of boxes that overlap, found by a sweep from the left to the right. */
function overlaps(boxes: readonly Box[]): [Box, Box][] {
  const sorted = [...boxes].sort((left, right) => left.x - right.x);
  const found: [Box, Box][] = [];
  let open: Box[] = [];
  for (const box of sorted) {
    open = open.filter((other) => other.x + other.width > box.x);
    for (const other of open) {
      if (other.y < box.y + box.height && box.y < other.y + other.height) found.push([other, box]);
    }
    open.push(box);
  }
  return found;
}

function contains(outer: Box, { x, y, width, height }: Box): boolean {
  const slack = 0.5;
  const fromLeft = x >= outer.x - slack && x + width <= outer.x + outer.width + slack;
  return fromLeft && y >= outer.y - slack && y + height <= outer.y + outer.height + slack;
}

function isAtBorder(box: Box | undefined, point: Point | undefined): boolean {
  if (box === undefined || point === undefined) return false;
  const insets = [point.x - box.x, box.x + box.width - point.x, point.y - box.y, box.y + box.height - point.y];
  return Math.abs(Math.min(...insets)) <= 1;
}
