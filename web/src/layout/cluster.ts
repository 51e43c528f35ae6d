/** Layout of the joined tables of a cluster, in layers: tables at the left refer to tables at the right. */

import { blockLines } from './block-lines.js';
import { adjacencyOf } from './communities.js';
import type { Box, Point, Size } from './geometry.js';
import { type LayeredEdge, layoutLayers } from './layered.js';
import { flow, type Packing } from './packing.js';

/** A join between tables, which are indices. */
export interface ClusterJoin {
  from: number;
  to: number;
}

/** A cluster with its tables in their order, and the lines of its joins where the layout has determined them. */
export interface ClusterLayout extends Packing {
  lines: (Point[] | undefined)[];
}

/** Tables that are joined with one other table only become a block beside it, from this number on. */
const MIN_BLOCK = 4;

/** The layout in layers is slow for larger clusters, and their lines could not be distinguished. */
const MAX_LAYERED_NODES = 120;
const MAX_LAYERED_EDGES = 360;

const GAPS = { layerGap: 64, nodeGap: 14, margin: 0 };
const BLOCK_GAP = 12;

/** A node of the layers: a table, or several in a block. */
interface Unit {
  tables: number[];
  packing: Packing;
}

/** Lays out a cluster. */
export function layoutCluster(sizes: readonly Size[], joins: readonly ClusterJoin[]): ClusterLayout {
  const { units, unitOf } = unitsOf(sizes, joins);
  const { edges, edgeOf } = edgesBetween(joins, unitOf, units);
  if (units.length > MAX_LAYERED_NODES || edges.length > MAX_LAYERED_EDGES) {
    return { ...flow(sizes, BLOCK_GAP * 2), lines: joins.map(() => undefined) };
  }
  const layered = layoutLayers(
    units.map(({ packing }) => packing),
    edges,
    { direction: 'right', ...GAPS },
  );
  const at: Point[] = sizes.map(() => ({ x: 0, y: 0 }));
  for (const [index, { tables, packing }] of units.entries()) {
    const box = layered.boxes[index] as Point;
    for (const [place, table] of tables.entries()) {
      const { x, y } = packing.at[place] as Point;
      at[table] = { x: box.x + x, y: box.y + y };
    }
  }
  const lines = edgeOf.map((edge) => (edge === undefined ? undefined : layered.edges[edge]?.points));
  const boxes = sizes.map((size, table) => ({ ...size, ...(at[table] as Point) }));
  for (const [index, { tables }] of units.entries()) {
    if (tables.length > 1) drawBlock(lines, joins, new Set(tables), boxes, layered.boxes[index] as Box);
  }
  return { width: layered.width, height: layered.height, at, lines };
}

/** Adds the lines of the joins of a block. */
function drawBlock(
  lines: ClusterLayout['lines'],
  joins: readonly ClusterJoin[],
  members: ReadonlySet<number>,
  boxes: readonly Box[],
  block: Box,
): void {
  const own = [...joins.entries()].filter(([, { from, to }]) => from !== to && members.has(from) !== members.has(to));
  const first = own[0]?.[1];
  if (first === undefined) return;
  const beside = boxes[members.has(first.from) ? first.to : first.from] as Box;
  const tables = own.map(([, { from, to }]) => boxes[members.has(from) ? from : to] as Box);
  for (const [index, points] of blockLines(tables, block, beside, BLOCK_GAP).entries()) {
    const [join, { from }] = own[index] as [number, ClusterJoin];
    lines[join] = members.has(from) ? points : points.reverse();
  }
}

function unitsOf(sizes: readonly Size[], joins: readonly ClusterJoin[]): { units: Unit[]; unitOf: number[] } {
  const inBlocks = blocksOf(sizes.length, joins);
  const inBlock = new Set(inBlocks.flat());
  const single = sizes.flatMap((_, table) => (inBlock.has(table) ? [] : [[table]]));
  const units = [...single, ...inBlocks].map((tables) => {
    // As high as wide: tables of a block have short lines to the table beside it.
    const members = tables.map((table) => sizes[table] as Size);
    return { tables, packing: flow(members, BLOCK_GAP, 1) };
  });
  const unitOf: number[] = [];
  for (const [unit, { tables }] of units.entries()) for (const table of tables) unitOf[table] = unit;
  return { units, unitOf };
}

/** Tables that are joined with one table only, by that table and by the direction of the join. */
function blocksOf(count: number, joins: readonly ClusterJoin[]): number[][] {
  const adjacency = adjacencyOf(count, joins);
  const blocks = new Map<string, number[]>();
  const seen = new Set<number>();
  const add = (table: number, neighbour: number, direction: string) => {
    if (adjacency[table]?.size !== 1 || seen.has(table)) return;
    seen.add(table);
    const key = `${neighbour} ${direction}`;
    if (!blocks.has(key)) blocks.set(key, []);
    blocks.get(key)?.push(table);
  };
  for (const { from, to } of joins) {
    if (from === to) continue;
    add(from, to, 'refers');
    add(to, from, 'is referred to');
  }
  return [...blocks.values()]
    .filter((tables) => tables.length >= MIN_BLOCK)
    .map((tables) => tables.sort((left, right) => left - right));
}

/** Edges between units, and which of them a join is; joins with a table of a block are drawn between its rows. */
function edgesBetween(joins: readonly ClusterJoin[], unitOf: readonly number[], units: readonly Unit[]) {
  const edges: LayeredEdge[] = [];
  const ofBlocks = new Set<number>();
  const edgeOf = joins.map(({ from, to }) => {
    const [fromUnit, toUnit] = [unitOf[from] ?? 0, unitOf[to] ?? 0];
    const block = [fromUnit, toUnit].find((unit) => (units[unit]?.tables.length ?? 0) > 1);
    if (from === to || (block !== undefined && ofBlocks.has(block))) return undefined;
    edges.push({ from: fromUnit, to: toUnit });
    if (block === undefined) return edges.length - 1;
    ofBlocks.add(block);
    return undefined;
  });
  return { edges, edgeOf };
}
