/** A small graph in layers: the plan of a query, the lineage of a measure. */

import { useId, useMemo } from 'react';
import { curveThrough } from '../../layout/curve.js';
import {
  type DiagramEdge,
  type DiagramNode,
  layoutDiagram,
  type PlacedEdge,
  type PlacedNode,
} from '../../layout/diagram.js';
import type { Route } from '../../site/route.js';
import { useLink } from '../site-context.js';
import { Name } from './name.js';
import './diagram.css';

/** A node to draw. */
export interface NodeToDraw extends DiagramNode {
  /** Page that the node is a link to. */
  to?: Route;
  /** `strong` for what the diagram is about, `weak` for what is secondary. */
  tone?: 'strong' | 'weak';
}

/** An edge to draw. */
export interface EdgeToDraw extends DiagramEdge {
  line?: 'dashed' | 'dotted';
}

/** What is drawn. */
export interface DiagramProps {
  /** Caption, and name for screen readers. */
  title: string;
  /** At most some dozens. */
  nodes: readonly NodeToDraw[];
  edges: readonly EdgeToDraw[];
  /** Where edges lead; default `right`. */
  direction?: 'right' | 'down';
}

/**
 * Draws nodes and the edges between them, in a figure that scrolls if it is wider than the page. Screen readers get the
 * edges as a list. Equal on the server and in the browser; draws nothing without nodes.
 */
export function Diagram({ title, nodes, edges, direction = 'right' }: DiagramProps) {
  const { width, height, ...placed } = useMemo(() => layoutDiagram(nodes, edges, direction), [nodes, edges, direction]);
  const arrow = useId();
  if (placed.nodes.length === 0) return null;
  return (
    <figure className="diagram">
      <figcaption>{title}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
      <section className="scroll" aria-label={title} tabIndex={0}>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
          <title>{title}</title>
          <defs>
            <marker id={arrow} viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
              <path className="diagram-arrow" d="M0 0.5 8 4 0 7.5Z" />
            </marker>
          </defs>
          {placed.edges.map((each, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: edges have no identity
            <Edge key={index} placed={each} arrow={arrow} />
          ))}
          {placed.nodes.map((each) => (
            <Node key={each.node.id} placed={each} />
          ))}
        </svg>
      </section>
      <EdgeList nodes={placed.nodes} edges={placed.edges} />
    </figure>
  );
}

function Node({ placed: { node, text, x, y, width, height } }: { placed: PlacedNode<NodeToDraw> }) {
  const link = useLink();
  const name = node.kind === undefined ? node.label : `${node.label}, ${node.kind}`;
  const box = (
    <g className={`diagram-node ${node.tone ?? ''}`} transform={`translate(${x} ${y})`}>
      <title>{name}</title>
      <rect width={width} height={height} rx="6" />
      {/* A nested drawing cuts off letters that are wider than assumed. */}
      <svg x="2" width={width - 4} height={height} aria-hidden="true">
        {node.kind !== undefined && (
          <text className="diagram-kind" x="10" y="20">
            {node.kind}
          </text>
        )}
        <text className="diagram-label" x="10" y={height - 11}>
          {text}
        </text>
      </svg>
    </g>
  );
  if (node.to === undefined) return box;
  return (
    <a href={link(node.to)} aria-label={name}>
      {box}
    </a>
  );
}

function Edge({ placed: { edge, points, text, labelAt }, arrow }: { placed: PlacedEdge<EdgeToDraw>; arrow: string }) {
  return (
    <g className={`diagram-edge ${edge.line ?? ''}`}>
      <path d={curveThrough(points)} markerEnd={`url(#${arrow})`} />
      {text !== '' && (
        <text x={labelAt.x} y={labelAt.y + 4}>
          {text}
        </text>
      )}
    </g>
  );
}

/** The edges in words. */
function EdgeList({ nodes, edges }: { nodes: PlacedNode[]; edges: PlacedEdge[] }) {
  const labels = useMemo(() => new Map(nodes.map(({ node }) => [node.id, node.label])), [nodes]);
  if (edges.length === 0) return null;
  return (
    <ul className="visually-hidden">
      {edges.map(({ edge: { from, to, label } }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: edges have no identity
        <li key={index}>
          <Name>{labels.get(from) ?? from}</Name> leads to <Name>{labels.get(to) ?? to}</Name>
          {label !== undefined && (
            <>
              : <bdi>{label}</bdi>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
