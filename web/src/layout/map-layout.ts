/**
 * Layout of all tables of a database: a frame for each schema, in it frames for groups of joined tables, in them boxes.
 * No two boxes overlap. Deterministic; the time is close to linear in the number of tables and joins.
 */

import { type Area, arrange, type Frame, withFrame } from './areas.js';
import { layoutCluster } from './cluster.js';
import type { Box, Point, Size } from './geometry.js';
import { type Group, type GroupKind, groupsOf } from './groups.js';
import { flow, type Packing } from './packing.js';
import { routeLines } from './routes.js';
import { cellsIn, fitText, widthOf } from './text.js';

/** A table. */
export interface TableToPlace {
  /** Name of its schema; empty if the database has none. */
  schema: string;
  /** Name without the schema. */
  name: string;
}

/** A join between tables, which are indices. */
export interface JoinToDraw {
  from: number;
  to: number;
}

/** A map in pixels. */
export interface MapLayout extends Size {
  /** Schemas and groups, each schema before its groups. */
  frames: Frame[];
  /** In the order of the tables. */
  boxes: Box[];
  /** Names in the boxes, cut to fit. */
  labels: string[];
  /** In the order of the joins: from the border of a box to the border of the other, with bends. */
  lines: Point[][];
}

/** Size of the font of names in pixels, which the styles repeat. */
const NAME_FONT = 12;

/** Widths of boxes: few different ones look calm. */
const BOX_WIDTHS = [112, 168, 232];
const MAX_BOX_WIDTH = 232;
const BOX_HEIGHT = 38;
const BOX_PADDING = 10;
const BOX_GAP = 16;
const PART_GAP = 28;
const FRAME_GAP = 24;
const SCHEMA_GAP = 40;
const MARGIN = 12;

/** A smaller map would be shown larger than life. */
const MIN_SIZE = { width: 800, height: 500 };

/** What is laid out. */
interface Input {
  tables: readonly TableToPlace[];
  joins: readonly JoinToDraw[];
  sizes: Size[];
  /** Joins of each table, as indices, at their `from`. */
  outgoing: number[][];
  /** Number of joins of each table with other tables. */
  degrees: number[];
  /** How much larger than in a small map titles are. */
  scale: number;
}

/** Lays out a map. */
export function layoutMap(tables: readonly TableToPlace[], joins: readonly JoinToDraw[]): MapLayout {
  const cells = cellsIn(MAX_BOX_WIDTH - 2 * BOX_PADDING, NAME_FONT);
  const labels = tables.map(({ name }) => fitText(name, cells));
  const scale = Math.min(6, Math.max(1, Math.sqrt(tables.length / 50)));
  const input: Input = { tables, joins, sizes: labels.map(sizeOf), scale, ...joinsByTable(tables.length, joins) };
  const schemas = new Map<string, number[]>();
  for (const [index, { schema }] of tables.entries()) {
    if (!schemas.has(schema)) schemas.set(schema, []);
    schemas.get(schema)?.push(index);
  }
  const areas = [...schemas].map(([schema, members]) => schemaArea(schema, members, input));
  return { ...finished(arrange(areas, SCHEMA_GAP), input), labels };
}

function sizeOf(label: string): Size {
  const needed = widthOf(label, NAME_FONT) + 2 * BOX_PADDING;
  return { width: BOX_WIDTHS.find((width) => width >= needed) ?? MAX_BOX_WIDTH, height: BOX_HEIGHT };
}

function joinsByTable(count: number, joins: readonly JoinToDraw[]): Pick<Input, 'outgoing' | 'degrees'> {
  const outgoing = Array.from({ length: count }, (): number[] => []);
  const degrees = Array.from({ length: count }, () => 0);
  for (const [index, { from, to }] of joins.entries()) {
    outgoing[from]?.push(index);
    if (from === to) continue;
    degrees[from] = (degrees[from] ?? 0) + 1;
    degrees[to] = (degrees[to] ?? 0) + 1;
  }
  return { outgoing, degrees };
}

function schemaArea(schema: string, members: readonly number[], input: Input): Area {
  const joins = members.flatMap((table) => input.outgoing[table] ?? []);
  const groups = groupsOf(
    members,
    joins.map((join) => input.joins[join] as JoinToDraw),
    (table) => (input.degrees[table] ?? 0) > 0,
  );
  const areas = groups.map((group) => {
    const area = arrange(
      group.parts.map((part) => partArea(group.kind, part, input)),
      PART_GAP,
    );
    return groups.length === 1
      ? area
      : withFrame(area, { level: 'group', title: titleOf(group, input), schema }, input.scale);
  });
  const area = arrange(areas, FRAME_GAP);
  return schema === '' ? area : withFrame(area, { level: 'schema', title: schema, schema }, input.scale);
}

const TITLES: Record<Exclude<GroupKind, 'joined'>, string> = {
  small: 'Small groups',
  elsewhere: 'Joined with other schemas',
  isolated: 'Not joined',
};

/** A group of joined tables has the name of the table with the most joins. */
function titleOf({ kind, parts }: Group, { tables, degrees }: Input): string {
  if (kind !== 'joined') return TITLES[kind];
  const most = parts.flat().reduce((best, table) => ((degrees[table] ?? 0) > (degrees[best] ?? 0) ? table : best));
  return tables[most]?.name ?? '';
}

/** Tables that are joined with each other, or a grid of tables that are not. */
function partArea(kind: GroupKind, part: readonly number[], { sizes, joins, outgoing }: Input): Area {
  const members = part.map((table) => sizes[table] as Size);
  if (kind === 'isolated' || kind === 'elsewhere') return areaOf(part, sizes, flow(members, BOX_GAP), new Map());
  const local = new Map(part.map((table, index) => [table, index]));
  const inner = part.flatMap((table) => outgoing[table] ?? []).filter((join) => local.has(joins[join]?.to ?? -1));
  const ends = inner.map((join) => {
    const { from, to } = joins[join] as JoinToDraw;
    return { from: local.get(from) ?? 0, to: local.get(to) ?? 0 };
  });
  const cluster = layoutCluster(members, ends);
  const lines = cluster.lines.flatMap((points, index): [number, Point[]][] =>
    points === undefined ? [] : [[inner[index] as number, points]],
  );
  return areaOf(part, sizes, cluster, new Map(lines));
}

function areaOf(part: readonly number[], sizes: readonly Size[], packing: Packing, lines: Area['lines']): Area {
  const { width, height, at } = packing;
  const boxes = part.map((table, index): [number, Box] => [
    table,
    { ...(at[index] as Point), ...(sizes[table] as Size) },
  ]);
  return { width, height, boxes: new Map(boxes), frames: [], lines };
}

/** Centres the map in its canvas, and draws the lines between groups. */
function finished(area: Area, { tables, joins }: Input): Omit<MapLayout, 'labels'> {
  const width = Math.max(area.width + 2 * MARGIN, MIN_SIZE.width);
  const height = Math.max(area.height + 2 * MARGIN, MIN_SIZE.height);
  const [left, top] = [Math.round((width - area.width) / 2), Math.round((height - area.height) / 2)];
  const moved = <Item extends Point>(item: Item): Item => ({
    ...item,
    x: tenth(item.x + left),
    y: tenth(item.y + top),
  });
  const boxes = tables.map((_, index) => moved(area.boxes.get(index) as Box));
  const open = [...joins.keys()].filter((join) => !area.lines.has(join));
  const routes = routeLines(
    open.map((join) => ({ from: boxes[joins[join]?.from ?? 0] as Box, to: boxes[joins[join]?.to ?? 0] as Box })),
  );
  const routeOf = new Map(open.map((join, index) => [join, routes[index] as Point[]]));
  const lines = joins.map((_, join) => routeOf.get(join) ?? (area.lines.get(join) ?? []).map(moved));
  return { width, height, boxes, frames: area.frames.map(moved), lines };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
