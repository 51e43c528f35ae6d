/**
 * Layout of a table with all tables that it is joined with: it is in the middle, they are in columns at its left and right,
 * and the lines to farther columns pass between the boxes of nearer ones, so that every line can be seen as a whole.
 */

import type { Box, Point, Size } from './geometry.js';
import { linesOf, type NeighbourJoin, type Place } from './neighbour-lines.js';

/** What is laid out. */
export interface NeighbourhoodInput {
  /** Number of rows of the table in the middle. */
  rows: number;
  /** Number of other tables, which are placed in their order. */
  neighbours: number;
  joins: readonly NeighbourJoin[];
  /** Size of the area. The drawing is larger, and has to be shown smaller, if there is not enough room in it. */
  area: Size;
}

/** Where everything is. */
export interface NeighbourhoodLayout extends Size {
  centre: Box;
  /** Middle of each row. */
  rowsAt: number[];
  rowHeight: number;
  /** In the order of the other tables. */
  boxes: Box[];
  /** Whether there is room for two lines of text in the boxes. */
  isRoomy: boolean;
  /** In the order of the joins, from the table that refers to the other one. */
  lines: Point[][];
}

/** Height of the name of the table in the middle. */
export const CENTRE_HEADER = 34;
const CENTRE_WIDTH = 172;
const ROW_HEIGHT = 20;
const MIN_ROW_HEIGHT = 12;

const MIN_AREA = { width: 600, height: 360 };
const MARGIN = 8;

/** Room for the lines between the table in the middle and the nearest columns. */
const FAN = 64;
const COLUMN_GAP = 20;
const MIN_COLUMN = 92;
const MAX_COLUMN = 230;
const MAX_COLUMNS = 3;

const ROOMY_PITCH = 42;
const MAX_PITCH = 48;
const MIN_BOX = 11.5;

/** Room for a line between two boxes. */
const LINE_GAP = 3;

/** Numbers of tables on one side up to which the direction of joins determines the side. */
const MAX_UNBALANCED = 12;

/** Places and sizes of boxes at both sides. */
interface Grid extends Size {
  columns: number;
  columnWidth: number;
  pitch: number;
  boxHeight: number;
}

/** Lays out a neighbourhood. */
export function layoutNeighbourhood(input: NeighbourhoodInput): NeighbourhoodLayout {
  const sides = sidesOf(input);
  const grid = gridFor(input, Math.max(sides.left.length, sides.right.length));
  const centre = centreBox(input.rows, grid);
  const rowHeight = input.rows === 0 ? ROW_HEIGHT : (centre.height - CENTRE_HEADER - MARGIN) / input.rows;
  const rowsAt = Array.from({ length: input.rows }, (_, row) => centre.y + CENTRE_HEADER + (row + 0.5) * rowHeight);
  const boxes: Box[] = [];
  const places: Place[] = [];
  for (const side of ['left', 'right'] as const) {
    for (const [position, neighbour] of sides[side].entries()) {
      const place = placeOf(position, sides[side].length, side, grid, centre);
      places[neighbour] = place;
      boxes[neighbour] = place.box;
    }
  }
  const lines = linesOf(input.joins, places, centre, rowsAt);
  const { width, height, pitch } = grid;
  return { width, height, centre, rowsAt, rowHeight, boxes, isRoomy: pitch >= ROOMY_PITCH, lines };
}

/** Tables that the one in the middle refers to are at the right, the others at the left, unless one side is too full. */
function sidesOf({ neighbours, joins }: NeighbourhoodInput): { left: number[]; right: number[] } {
  const outgoing = Array.from({ length: neighbours }, () => 0);
  const firstRow = Array.from({ length: neighbours }, () => Infinity);
  for (const { neighbour, outgoing: isOutgoing, row } of joins) {
    if (neighbour === undefined) continue;
    outgoing[neighbour] = (outgoing[neighbour] ?? 0) + (isOutgoing ? 1 : -1);
    firstRow[neighbour] = Math.min(firstRow[neighbour] ?? Infinity, row);
  }
  const byRow = [...outgoing.keys()].sort((one, other) => (firstRow[one] ?? 0) - (firstRow[other] ?? 0) || one - other);
  const right = byRow.filter((neighbour) => (outgoing[neighbour] ?? 0) >= 0);
  const left = byRow.filter((neighbour) => (outgoing[neighbour] ?? 0) < 0);
  const [full, other] = left.length > right.length ? [left, right] : [right, left];
  if (full.length > MAX_UNBALANCED) other.push(...full.splice(Math.ceil((full.length + other.length) / 2)));
  return { left, right };
}

/** The grid with the fewest columns in which all boxes can be read; a larger one than the area if there is none. */
function gridFor({ area, rows }: NeighbourhoodInput, perSide: number): Grid {
  const leastHeight = CENTRE_HEADER + rows * MIN_ROW_HEIGHT + 4 * MARGIN;
  let width = Math.max(area.width, MIN_AREA.width);
  let height = Math.max(area.height, MIN_AREA.height);
  for (;;) {
    const room = (width - CENTRE_WIDTH) / 2 - FAN - MARGIN + COLUMN_GAP;
    for (let columns = 1; columns <= MAX_COLUMNS; columns++) {
      const columnWidth = Math.min(MAX_COLUMN, room / columns - COLUMN_GAP);
      const rowsPerSide = Math.ceil(Math.max(1, perSide) / columns) + (columns > 1 ? 0.5 : 0);
      const pitch = Math.min(MAX_PITCH, (height - 2 * MARGIN) / rowsPerSide);
      const boxHeight = pitch - Math.max(6, LINE_GAP * columns);
      if (columnWidth >= MIN_COLUMN && boxHeight >= MIN_BOX && height >= leastHeight) {
        return { width, height, columns, columnWidth, pitch, boxHeight };
      }
    }
    width *= 1.15;
    height *= 1.15;
  }
}

function centreBox(rows: number, { width, height }: Size): Box {
  const room = height - 2 * MARGIN;
  const wanted = CENTRE_HEADER + rows * ROW_HEIGHT + MARGIN;
  const box = { width: CENTRE_WIDTH, height: Math.min(room, wanted) };
  return { ...box, x: (width - box.width) / 2, y: (height - box.height) / 2 };
}

/** Columns are filled row by row, the nearest first; every other column is half a row lower. */
function placeOf(position: number, count: number, side: Place['side'], grid: Grid, centre: Box): Place {
  const { columns, columnWidth, pitch, boxHeight } = grid;
  const rows = Math.ceil(count / columns);
  const [row, column] = [Math.floor(position / columns), position % columns];
  const top = (grid.height - (rows + (columns > 1 ? 0.5 : 0)) * pitch) / 2;
  const middle = (of: number) => top + (row + 0.5 + (of % 2) / 2) * pitch;
  const sign = side === 'right' ? 1 : -1;
  const edge = side === 'right' ? centre.x + centre.width : centre.x;
  const near = (of: number) => edge + sign * (FAN + of * (columnWidth + COLUMN_GAP));
  const x = side === 'right' ? near(column) : near(column) - columnWidth;
  const passes: Point[] = [];
  for (let passed = 0; passed < column; passed++) {
    // Below the box of the same row, lines to several farther columns are one below the other.
    const y = middle(passed) + pitch / 2 + (column - passed - (columns - passed) / 2) * LINE_GAP;
    // Two points at each side, as a line is straight between them.
    const far = near(passed) + sign * columnWidth;
    for (const at of [near(passed) - sign * 8, near(passed) - sign * 2, far + sign, far + sign * 4])
      passes.push({ x: at, y });
  }
  return { box: { x, y: middle(column) - boxHeight / 2, width: columnWidth, height: boxHeight }, side, passes };
}
