/** Parts of a map, each laid out from its own upper left corner, which are put together. */

import type { Box, Point, Size } from './geometry.js';
import { pack } from './packing.js';
import { cellsIn, fitText, widthOf } from './text.js';

/** A frame around tables. */
export interface Frame extends Box {
  level: 'schema' | 'group';
  /** Cut to fit. */
  title: string;
  schema: string;
  /** Number of the tables in it. */
  tables: number;
}

/** Boxes and lines by the indices of their tables and joins. */
export interface Area extends Size {
  boxes: Map<number, Box>;
  frames: Frame[];
  lines: Map<number, Point[]>;
}

/** Sizes of fonts in pixels, which the styles repeat. */
const TITLE_FONT = { schema: 24, group: 14 };
const PADDING = { schema: 20, group: 16 };
const HEADER = { schema: 48, group: 30 };

/** Frames are made wider for a title of up to this number of cells. */
const TITLE_CELLS = 16;

/** Packs areas beside each other. */
export function arrange(areas: readonly Area[], gap: number): Area {
  const packing = pack(areas, gap);
  const arranged: Area = { ...packing, boxes: new Map(), frames: [], lines: new Map() };
  for (const [index, area] of areas.entries()) addMoved(arranged, area, packing.at[index] as Point);
  return arranged;
}

/** Puts a frame around an area. */
export function withFrame(area: Area, frame: Pick<Frame, 'level' | 'title' | 'schema'>): Area {
  const { level, title, schema } = frame;
  const [font, padding, header] = [TITLE_FONT[level], PADDING[level], HEADER[level]];
  const wanted = widthOf(fitText(title, TITLE_CELLS), font);
  const width = Math.max(area.width, Math.ceil(wanted)) + 2 * padding;
  const height = area.height + header + padding;
  // The number of tables follows the title.
  const room = width - 2 * padding;
  const outer: Frame = {
    ...{ x: 0, y: 0, width, height, level, schema },
    title: fitText(title, Math.max(1, cellsIn(room, font))),
    tables: area.boxes.size,
  };
  const framed: Area = { width, height, boxes: new Map(), frames: [outer], lines: new Map() };
  addMoved(framed, area, { x: (width - area.width) / 2, y: header });
  return framed;
}

/** Adds the content of an area at a place. */
function addMoved(target: Area, area: Area, { x, y }: Point): void {
  const moved = <Item extends Point>(item: Item): Item => ({ ...item, x: item.x + x, y: item.y + y });
  for (const [table, box] of area.boxes) target.boxes.set(table, moved(box));
  for (const frame of area.frames) target.frames.push(moved(frame));
  for (const [join, points] of area.lines) target.lines.set(join, points.map(moved));
}
