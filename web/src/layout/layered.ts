/** Layout of a directed graph in layers, by dagre. Deterministic. */

import { Graph, layout } from '@dagrejs/dagre';

/** A size in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** A point in pixels, from the upper left corner of the drawing. */
export interface Point {
  x: number;
  y: number;
}

/** A box: its upper left corner and its size. */
export interface Box extends Point, Size {}

/** An edge between nodes, which are indices; `label` is the size of a label to make room for. */
export interface LayeredEdge {
  from: number;
  to: number;
  label?: Size;
}

/** How layers are placed. */
export interface LayeredOptions {
  direction: 'right' | 'down';
  /** Distance of layers. */
  layerGap: number;
  /** Distance of nodes in a layer. */
  nodeGap: number;
  margin: number;
}

/** Where nodes and edges are, in the order that they were given in. */
export interface LayeredLayout extends Size {
  boxes: Box[];
  edges: {
    /** From the border of one box to the border of the other. */
    points: Point[];
    /** Middle of the label. */
    labelAt: Point;
  }[];
}

/** How far the loop of a self-reference leads away from its box; less than the gaps. */
const LOOP = 12;

/** Lays a graph out. Cycles, self-references, several edges between two nodes and nodes without edges are fine. */
export function layoutLayers(
  sizes: readonly Size[],
  edges: readonly LayeredEdge[],
  { direction, layerGap, nodeGap, margin }: LayeredOptions,
): LayeredLayout {
  if (sizes.length === 0) return { width: 0, height: 0, boxes: [], edges: [] };
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    ranksep: layerGap,
    nodesep: nodeGap,
    edgesep: nodeGap / 2,
  });
  for (const [index, { width, height }] of sizes.entries()) graph.setNode(String(index), { width, height });
  for (const [index, { from, to, label }] of edges.entries()) {
    if (from !== to) graph.setEdge(String(from), String(to), { ...label, labelpos: 'c' }, String(index));
  }
  layout(graph);
  const boxes = sizes.map((size, index) => boxOf(graph.node(String(index)) as Point, size));
  const placed = edges.map(({ from, to }, index) => {
    if (from === to) return loopAt(boxes[from] as Box);
    const { points, x, y } = graph.edge(String(from), String(to), String(index)) as Point & { points: Point[] };
    return { points, labelAt: { x: x ?? 0, y: y ?? 0 } };
  });
  return withinMargin(boxes, placed, margin);
}

/** Moves a drawing so that it begins at its margin: dagre takes no account of edges that lead around boxes. */
function withinMargin(boxes: Box[], edges: LayeredLayout['edges'], margin: number): LayeredLayout {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const include = (x: number, y: number) => {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  };
  for (const { x, y, width, height } of boxes) {
    include(x, y);
    include(x + width, y + height);
  }
  for (const { points } of edges) for (const { x, y } of points) include(x, y);
  const moved = ({ x, y }: Point): Point => rounded({ x: x - left + margin, y: y - top + margin });
  return {
    width: Math.ceil(right - left + 2 * margin),
    height: Math.ceil(bottom - top + 2 * margin),
    boxes: boxes.map((box) => ({ ...box, ...moved(box) })),
    edges: edges.map(({ points, labelAt }) => ({ points: points.map(moved), labelAt: moved(labelAt) })),
  };
}

/** The loop of a self-reference, at the right of its box; the loops of dagre do not end at the box. */
function loopAt({ x, y, width, height }: Box): { points: Point[]; labelAt: Point } {
  const left = x + width;
  const right = left + LOOP;
  const top = y + height * 0.3;
  const bottom = y + height * 0.7;
  const corners = [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
  return { points: corners, labelAt: { x: right, y: y + height / 2 } };
}

/** The box around a centre. */
function boxOf({ x, y }: Point, { width, height }: Size): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** Tenths of a pixel, which make short markup. */
function rounded({ x, y }: Point): Point {
  return { x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 };
}
