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
    marginx: margin,
    marginy: margin,
  });
  for (const [index, { width, height }] of sizes.entries()) graph.setNode(String(index), { width, height });
  for (const [index, { from, to, label }] of edges.entries()) {
    if (from !== to) graph.setEdge(String(from), String(to), { ...label, labelpos: 'c' }, String(index));
  }
  layout(graph);
  const { width, height } = graph.graph() as Size;
  const boxes = sizes.map((size, index) => boxOf(graph.node(String(index)) as Point, size));
  const hasLoops = edges.some(({ from, to }) => from === to);
  return {
    width: Math.ceil(width) + (hasLoops ? LOOP : 0),
    height: Math.ceil(height),
    boxes,
    edges: edges.map(({ from, to }, index) => {
      if (from === to) return loopAt(boxes[from] as Box);
      const { points, x, y } = graph.edge(String(from), String(to), String(index)) as Point & { points: Point[] };
      return { points: points.map(rounded), labelAt: rounded({ x: x ?? 0, y: y ?? 0 }) };
    }),
  };
}

/** The loop of a self-reference, at the right of its box; the loops of dagre do not end at the box. */
export function loopAt({ x, y, width, height }: Box): { points: Point[]; labelAt: Point } {
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
  return { points: corners.map(rounded), labelAt: rounded({ x: right, y: y + height / 2 }) };
}

/** The box around a centre. */
function boxOf({ x, y }: Point, { width, height }: Size): Box {
  return { ...rounded({ x: x - width / 2, y: y - height / 2 }), width, height };
}

/** Tenths of a pixel, which make short markup. */
function rounded({ x, y }: Point): Point {
  return { x: tenth(x), y: tenth(y) };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
