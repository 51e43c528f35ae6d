/** Data of the page `map`: tables, joins and where they are drawn. */

import type { KtxTableSummary } from '@kaelio/ktx';
import type { Frame } from '../../layout/areas.js';
import { curveThrough } from '../../layout/curve.js';
import type { Box, Point } from '../../layout/geometry.js';
import { layoutMap } from '../../layout/map-layout.js';
import type { LoadContext } from '../../node/context.js';
import { nameOfTable, scannedTables } from '../../node/project-data.js';
import type { Route } from '../../site/route.js';
import { type Join, type JoinKind, type Joins, joinsOf } from './joins.js';

/** A table. */
export interface MapTable {
  /** With its schema. */
  name: string;
  /** Empty if the database has none. */
  schema: string;
  /** Name without the schema, cut to fit the box. */
  label: string;
  isView: boolean;
  columns: number;
  box: Box;
}

/** A join. */
export interface MapJoin {
  /** Index of the table that refers. */
  from: number;
  fromColumns: string[];
  /** Index of the table that is referred to. */
  to: number;
  toColumns: string[];
  kind: JoinKind;
  cardinality: Join['cardinality'];
  /** Indices of sentences. */
  evidence: number[];
  /** Line, as the attribute `d` of an SVG path. */
  line: string;
  /** Whether it leads to a table far away. */
  isLong: boolean;
}

/** Data of the page. */
export interface MapData {
  /** Size of the drawing. */
  width: number;
  height: number;
  tables: MapTable[];
  joins: MapJoin[];
  frames: Frame[];
  /** Sentences of the evidence; many joins have equal ones. */
  sentences: string[];
  joinSource: Joins['source'];
}

/** Loads the data. */
export async function loadMap(
  context: LoadContext,
  { connectionId }: Extract<Route, { page: 'map' }>,
): Promise<MapData> {
  return context.once(`map ${connectionId}`, async () => {
    const summaries = await scannedTables(context, connectionId);
    const { source, joins } = await joinsOf(context, connectionId);
    return mapOf(summaries, joins, source);
  });
}

/** Lays out tables and joins. Joins with tables that are not in the list, as of an earlier scan, are left out. */
export function mapOf(summaries: readonly KtxTableSummary[], joins: readonly Join[], source: Joins['source']): MapData {
  const names = summaries.map(nameOfTable);
  const indices = new Map(names.map((name, index) => [name, index]));
  const known = joins.flatMap((join) => {
    const [from, to] = [indices.get(join.from), indices.get(join.to)];
    return from === undefined || to === undefined ? [] : [{ ...join, from, to }];
  });
  const places = summaries.map(({ schema, name }) => ({ schema: schema ?? '', name }));
  const { width, height, frames, boxes, labels, lines } = layoutMap(places, known);
  const sentences = new Map<string, number>();
  return {
    ...{ width, height, frames, joinSource: source },
    tables: summaries.map(({ schema, kind, columnCount }, index) => ({
      name: names[index] ?? '',
      schema: schema ?? '',
      label: labels[index] ?? '',
      isView: kind === 'view',
      columns: columnCount,
      box: boxes[index] as Box,
    })),
    joins: known.map((join, index) => ({
      ...join,
      evidence: join.evidence.map((sentence) => numberOf(sentence, sentences)),
      line: curveThrough(lines[index] ?? []),
      isLong: isLong(lines[index] ?? []),
    })),
    sentences: [...sentences.keys()],
  };
}

/** Lines of this length in pixels leave their group. */
const LONG = 480;

function isLong(points: readonly Point[]): boolean {
  const [start, end] = [points[0], points.at(-1)];
  if (start === undefined || end === undefined) return false;
  return Math.hypot(end.x - start.x, end.y - start.y) > LONG;
}

function numberOf(sentence: string, sentences: Map<string, number>): number {
  const number = sentences.get(sentence) ?? sentences.size;
  sentences.set(sentence, number);
  return number;
}
