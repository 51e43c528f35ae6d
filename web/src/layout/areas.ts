/** Parts of a map, each laid out from its own upper left corner, which are put together. */

import type { Box, Point, Size } from './geometry.js';
import { pack } from './packing.js';
import { cellsIn, fitText, widthOf } from './text.js';

/** A frame around tables. */
export interface Frame extends Box {
  level: 'schema' | 'group';
  /** Name of the schema, or of the group, cut to fit. */
  title: string;
  /** Size of the font of the title, in pixels. */
  titleSize: number;
  /** Size of the font of a title that fills the frame, for views in which other texts are too small to be read. */
  farTitleSize: number;
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

/** Sizes of fonts in pixels in a small map. */
const TITLE_SIZE = { schema: 22, group: 14 };
const PADDING = { schema: 20, group: 16 };

/** Height of a title in relation to the size of its font. */
const TITLE_HEIGHT = 2;

/** Frames are made wider for a title of up to this number of cells. */
const TITLE_CELLS = 14;

/** Largest title that fills a frame: its size in relation to the one of the schema, and its share of the height. */
const MAX_FAR_SIZE = 1.2;
const MAX_FAR_SHARE = 0.3;

/** Packs areas beside each other. */
export function arrange(areas: readonly Area[], gap: number): Area {
  const packing = pack(areas, gap);
  const arranged: Area = { ...packing, boxes: new Map(), frames: [], lines: new Map() };
  for (const [index, area] of areas.entries()) addMoved(arranged, area, packing.at[index] as Point);
  return arranged;
}

/** Puts a frame around an area. `scale` makes titles larger in a large map, which is shown smaller. */
export function withFrame(area: Area, frame: Pick<Frame, 'level' | 'title' | 'schema'>, scale: number): Area {
  const { level, title, schema } = frame;
  const padding = PADDING[level];
  const titleSize = Math.round(TITLE_SIZE[level] * (level === 'schema' ? scale : 1));
  const header = titleSize * TITLE_HEIGHT;
  const wanted = widthOf(fitText(title, TITLE_CELLS), titleSize);
  const width = Math.max(area.width, Math.ceil(wanted)) + 2 * padding;
  const height = area.height + header + padding;
  const fitted = fitText(title, Math.max(1, cellsIn(width - 2 * padding, titleSize)));
  const farSize = Math.min(
    (width - 2 * padding) / widthOf(fitted, 1),
    height * MAX_FAR_SHARE,
    TITLE_SIZE.schema * scale * MAX_FAR_SIZE,
  );
  const outer: Frame = {
    ...{ x: 0, y: 0, width, height, level, schema, title: fitted, titleSize },
    farTitleSize: Math.floor(farSize),
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
