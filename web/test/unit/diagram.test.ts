/** Layout of small graphs: everything within the drawing, no overlaps, edges end at their nodes. */

import { describe, expect, it } from 'vitest';
import { type DiagramLayout, layoutDiagram } from '../../src/layout/diagram.js';

const names = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `n${index}`, label: `node ${index}` }));

describe('layoutDiagram', () => {
  it('has no size without nodes', () => {
    expect(layoutDiagram([], [])).toEqual({ width: 0, height: 0, nodes: [], edges: [] });
  });

  it('leads edges to the right', () => {
    const { nodes, edges } = layoutDiagram(names(2), [{ from: 'n0', to: 'n1' }]);
    expect(edges).toHaveLength(1);
    expect((nodes[0]?.x ?? 0) + (nodes[0]?.width ?? 0)).toBeLessThan(nodes[1]?.x ?? 0);
  });

  it('leads edges downwards', () => {
    const { nodes } = layoutDiagram(names(2), [{ from: 'n0', to: 'n1' }], 'down');
    expect((nodes[0]?.y ?? 0) + (nodes[0]?.height ?? 0)).toBeLessThan(nodes[1]?.y ?? 0);
  });

  it('draws cycles, self-references, duplicates and nodes without edges', () => {
    const edges = [
      { from: 'n0', to: 'n1' },
      { from: 'n1', to: 'n2' },
      { from: 'n2', to: 'n0' },
      { from: 'n0', to: 'n1', label: 'again' },
      { from: 'n1', to: 'n1' },
    ];
    const layout = layoutDiagram(names(4), edges);
    expect(layout.edges.map(({ edge }) => edge)).toEqual(edges);
    expectSound(layout);
  });

  it('draws thirty nodes with a hub', () => {
    const edges = names(30)
      .slice(1)
      .map(({ id }, index) => (index % 2 ? { from: 'n0', to: id } : { from: id, to: 'n0' }));
    expectSound(layoutDiagram(names(30), edges));
  });

  it('leaves out edges to nodes that do not exist, and repeated nodes', () => {
    const layout = layoutDiagram([...names(2), { id: 'n0', label: 'other' }], [{ from: 'n0', to: 'n9' }]);
    expect(layout.edges).toEqual([]);
    expect(layout.nodes.map(({ text }) => text)).toEqual(['node 0', 'node 1']);
  });

  it('takes any text as an id and as a label', () => {
    const ids = ['__proto__', 'constructor', '', '1', '\u202eabc', '<b>', 'x'.repeat(10_000), '👩‍👩‍👧‍👦'.repeat(99)];
    const layout = layoutDiagram(
      ids.map((id) => ({ id, label: id, kind: id })),
      ids.map((id) => ({ from: id, to: '__proto__', label: id })),
    );
    expect(layout.nodes.map(({ node }) => node.id)).toEqual(ids);
    expect(layout.edges).toHaveLength(ids.length);
    expectSound(layout);
    for (const { width } of layout.nodes) expect(width).toBeLessThan(300);
  });

  it('gives the same output for the same input', () => {
    const edges = names(20).map(({ id }, index) => ({ from: id, to: `n${(index * 7) % 20}` }));
    expect(layoutDiagram(names(20), edges)).toEqual(layoutDiagram(names(20), edges));
  });
});

function expectSound({ width, height, nodes, edges }: DiagramLayout) {
  for (const [index, one] of nodes.entries()) {
    expect(one.x).toBeGreaterThanOrEqual(0);
    expect(one.y).toBeGreaterThanOrEqual(0);
    expect(one.x + one.width).toBeLessThanOrEqual(width);
    expect(one.y + one.height).toBeLessThanOrEqual(height);
    for (const other of nodes.slice(index + 1)) {
      const apart =
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      expect(apart, `${one.text} and ${other.text} overlap`).toBe(true);
    }
  }
  const boxes = new Map(nodes.map((placed) => [placed.node.id, placed]));
  for (const { edge, points } of edges) {
    for (const { x, y } of points) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(width);
      expect(y).toBeLessThanOrEqual(height);
    }
    for (const [id, point] of [
      [edge.from, points[0]],
      [edge.to, points.at(-1)],
    ] as const) {
      const box = boxes.get(id);
      if (box === undefined || point === undefined) throw new Error('An edge has no end');
      expect(point.x).toBeGreaterThanOrEqual(box.x - 1);
      expect(point.x).toBeLessThanOrEqual(box.x + box.width + 1);
      expect(point.y).toBeGreaterThanOrEqual(box.y - 1);
      expect(point.y).toBeLessThanOrEqual(box.y + box.height + 1);
    }
  }
}
