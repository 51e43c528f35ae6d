/** Layout of a small directed graph, such as a plan or a lineage, for the component `Diagram`. Runs in Node and browsers. */

import type { Box, Point, Size } from './geometry.js';
import { type LayeredEdge, layoutLayers } from './layered.js';
import { fitText, widthOf } from './text.js';

/** A node. */
export interface DiagramNode {
  /** Any text; of several nodes with one id, the first is drawn. */
  id: string;
  label: string;
  /** What the node is, as a word: `source`, `measure`, `view`. Shown above the label. */
  kind?: string;
}

/** An edge, drawn with an arrow at `to`. Edges whose ends do not exist are left out. */
export interface DiagramEdge {
  from: string;
  to: string;
  /** A few words, such as the columns of a join. */
  label?: string;
}

/** A node with its place. */
export interface PlacedNode<Node extends DiagramNode = DiagramNode> extends Box {
  node: Node;
  /** The label, cut to fit. */
  text: string;
}

/** An edge with its bends, from the border of one node to the border of the other. */
export interface PlacedEdge<Edge extends DiagramEdge = DiagramEdge> {
  edge: Edge;
  points: Point[];
  /** The label, cut to fit; empty if there is none. */
  text: string;
  /** Middle of the label. */
  labelAt: Point;
}

/** A diagram in pixels; nodes and edges are in the order that they were given in. */
export interface DiagramLayout<Node extends DiagramNode = DiagramNode, Edge extends DiagramEdge = DiagramEdge>
  extends Size {
  nodes: PlacedNode<Node>[];
  edges: PlacedEdge<Edge>[];
}

/** Sizes of fonts in pixels, which `diagram.css` repeats. */
const FONT = 13;
const SMALL_FONT = 11;

/** Longest label, in cells. */
const LABEL_CELLS = 28;
const PADDING = 12;
const LINE = 18;
const GAPS = { layerGap: 48, nodeGap: 16, margin: 4 };

/** Lays a graph out in layers, from the left to the right or downwards. Cycles, self-references and duplicates are fine. */
export function layoutDiagram<Node extends DiagramNode, Edge extends DiagramEdge>(
  nodes: readonly Node[],
  edges: readonly Edge[],
  direction: 'right' | 'down' = 'right',
): DiagramLayout<Node, Edge> {
  const ids = new Set<string>();
  const distinct = nodes.filter(({ id }) => !ids.has(id) && ids.add(id));
  const numbers = new Map(distinct.map(({ id }, index) => [id, index]));
  const connected = edges.filter(({ from, to }) => numbers.has(from) && numbers.has(to));
  const ends = connected.map(
    (edge): LayeredEdge => ({
      from: numbers.get(edge.from) ?? 0,
      to: numbers.get(edge.to) ?? 0,
      ...(edge.label !== undefined && { label: sizeOfLabel(edge.label) }),
    }),
  );
  const layout = layoutLayers(distinct.map(sizeOf), ends, { direction, ...GAPS });
  return {
    width: layout.width,
    height: layout.height,
    nodes: layout.boxes.map((box, index) => {
      const node = distinct[index] as Node;
      return { ...box, node, text: fitText(node.label, LABEL_CELLS) };
    }),
    edges: layout.edges.map((placed, index) => {
      const edge = connected[index] as Edge;
      // There is no room beside a loop.
      const label = edge.from === edge.to ? '' : edge.label;
      return { ...placed, edge, text: fitText(label ?? '', LABEL_CELLS) };
    }),
  };
}

function sizeOf({ label, kind = '' }: DiagramNode): Size {
  const texts = [widthOf(fitText(label, LABEL_CELLS), FONT), widthOf(fitText(kind, LABEL_CELLS), SMALL_FONT)];
  const width = Math.max(40, ...texts.map(Math.ceil)) + 2 * PADDING;
  return { width, height: (kind === '' ? 1 : 2) * LINE + PADDING };
}

function sizeOfLabel(label: string): Size {
  return { width: Math.ceil(widthOf(fitText(label, LABEL_CELLS), SMALL_FONT)) + 8, height: LINE };
}
