/** What the page of the map makes of tables and joins. */

import { describe, expect, it } from 'vitest';
import { mapOf } from '../../src/pages/map/data.js';
import { neighbourIn } from '../../src/pages/map/directions.js';
import { boxAround, matchesOf } from '../../src/pages/map/filter.js';
import type { Join } from '../../src/pages/map/joins.js';
import { neighboursOf } from '../../src/pages/map/neighbours.js';
import { fragmentOf, tableInFragment } from '../../src/pages/map/use-fragment.js';

const table = (name: string, schema: string | null = 'sales') => ({
  ...{ schema, name, kind: 'table' as const, columnCount: 3, comment: null },
});

const join = (from: string, column: string, to: string, evidence: string[] = []): Join => ({
  ...{ from, fromColumns: [column], to, toColumns: ['id'], kind: 'declared', cardinality: 'many_to_one', evidence },
});

const TABLES = ['Orders', 'customers', 'stores', 'notes'].map((name) => table(name)).concat(table('orders', 'archive'));
const JOINS = [
  join('sales.Orders', 'customer_id', 'sales.customers', ['Same names', 'All values occur']),
  join('sales.Orders', 'store_id', 'sales.stores', ['Same names']),
  join('sales.Orders', 'parent_id', 'sales.Orders'),
  join('archive.orders', 'order_id', 'sales.Orders'),
];

describe('mapOf', () => {
  it('has all tables and joins, and each sentence once', () => {
    const { tables, joins, sentences } = mapOf(TABLES, JOINS, 'relationships');
    expect(tables.map(({ name }) => name)).toEqual([
      ...['sales.Orders', 'sales.customers', 'sales.stores', 'sales.notes', 'archive.orders'],
    ]);
    expect(joins.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [0, 2],
      [0, 0],
      [4, 0],
    ]);
    expect(joins[0]?.evidence.map((index) => sentences[index])).toEqual(['Same names', 'All values occur']);
    expect(sentences).toEqual(['Same names', 'All values occur']);
  });

  it('leaves out joins with tables of an earlier scan', () => {
    expect(mapOf(TABLES, [join('sales.gone', 'id', 'sales.Orders')], 'relationships').joins).toEqual([]);
  });

  it('has no frame for a database without schemas', () => {
    const { frames, tables } = mapOf([table('a', null), table('b', null)], [join('a', 'b_id', 'b')], 'foreign keys');
    expect(frames).toEqual([]);
    expect(tables.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('matchesOf', () => {
  const { tables } = mapOf(TABLES, JOINS, 'relationships');

  it.each([
    ['', undefined, undefined],
    ['  ', undefined, undefined],
    ['ORDER', undefined, [0, 4]],
    ['orders sales', undefined, [0]],
    ['', 'archive', [4]],
    ['ord', 'archive', [4]],
    ['nothing', undefined, []],
  ])('finds %j in the schema %j', (query, schema, expected) => {
    const found = matchesOf(tables, { query, schema });
    expect(found === undefined ? undefined : [...found]).toEqual(expected);
  });

  it('finds the box around matches', () => {
    const boxes = [
      { x: 10, y: 20, width: 5, height: 5 },
      { x: 0, y: 30, width: 5, height: 10 },
    ];
    expect(boxAround(boxes)).toEqual({ x: 0, y: 20, width: 15, height: 20 });
    expect(boxAround([])).toBeUndefined();
  });
});

describe('neighboursOf', () => {
  const data = mapOf(TABLES, JOINS, 'relationships');

  it('has each neighbour once, and rows for the joined columns, the referenced ones first', () => {
    const { rows, tables, ends } = neighboursOf(data, 0);
    expect(rows).toEqual(['id', 'customer_id', 'parent_id', 'store_id']);
    expect(tables.map((index) => data.tables[index]?.name)).toEqual([
      ...['archive.orders', 'sales.customers', 'sales.stores'],
    ]);
    expect(ends).toEqual([
      { row: 1, neighbour: 1, outgoing: true },
      { row: 3, neighbour: 2, outgoing: true },
      { row: 2, toRow: 0, neighbour: undefined, outgoing: true },
      { row: 0, neighbour: 0, outgoing: false },
    ]);
  });

  it('has nothing for a table without joins', () => {
    expect(neighboursOf(data, 3)).toEqual({ rows: [], tables: [], joins: [], ends: [] });
  });
});

describe('fragments', () => {
  it.each(['sales.orders', 'a b&c#d', '表.<b>', '%', '100%', '\u202e', 'x\ny'])('lead to the table %j', (name) => {
    expect(fragmentOf(name)).toMatch(/^#table=[\w.!~*'()%-]*$/);
    expect(tableInFragment(fragmentOf(name))).toBe(name);
  });

  it('lead nowhere if they are of something else, and are taken as they are if they are not encoded', () => {
    expect(tableInFragment('#joins')).toBeUndefined();
    expect(tableInFragment('')).toBeUndefined();
    expect(tableInFragment('#table=100%')).toBe('100%');
  });
});

describe('neighbourIn', () => {
  const grid = [0, 1, 2, 3].map((index) => ({
    x: (index % 2) * 100,
    y: Math.floor(index / 2) * 50,
    width: 80,
    height: 30,
  }));

  it('leads to the nearest box in a direction', () => {
    expect(neighbourIn(grid, 0, [1, 0])).toBe(1);
    expect(neighbourIn(grid, 0, [0, 1])).toBe(2);
    expect(neighbourIn(grid, 3, [-1, 0])).toBe(2);
    expect(neighbourIn(grid, 3, [0, -1])).toBe(1);
  });

  it('leads nowhere from a box at the edge', () => {
    expect(neighbourIn(grid, 0, [-1, 0])).toBeUndefined();
    expect(neighbourIn(grid, 9, [1, 0])).toBeUndefined();
  });
});
