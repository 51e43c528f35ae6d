/** Layout of a directed graph in layers, by dagre. Deterministic. */

import { Graph, layout } from '@dagrejs/dagre';
import { type Box, loopAt, type Point, type Size } from './geometry.js';

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

/** The box around a centre. */
function boxOf({ x, y }: Point, { width, height }: Size): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** Tenths of a pixel, which make short markup. */
function rounded({ x, y }: Point): Point {
  return { x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 };
}
