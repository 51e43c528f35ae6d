/**
 * Groups of densely joined nodes, by the method of Louvain: https://arxiv.org/abs/0803.0476. Deterministic, as nodes are
 * visited in their order; the time is close to linear in the number of edges.
 */

/** Neighbours of each node, with the number of edges between the two. Without loops. */
export type Adjacency = readonly ReadonlyMap<number, number>[];

/** An undirected edge between nodes, which are indices. */
export interface Link {
  from: number;
  to: number;
}

/** Passes over all nodes, of which more change little. */
const MAX_PASSES = 12;

/** Collects the neighbours of nodes. */
export function adjacencyOf(count: number, links: readonly Link[]): Map<number, number>[] {
  const neighbours = Array.from({ length: count }, () => new Map<number, number>());
  for (const { from, to } of links) {
    if (from === to) continue;
    neighbours[from]?.set(to, (neighbours[from].get(to) ?? 0) + 1);
    neighbours[to]?.set(from, (neighbours[to].get(from) ?? 0) + 1);
  }
  return neighbours;
}

/** Connected components, in the order of their first nodes; the nodes of each are sorted. */
export function componentsOf(adjacency: Adjacency): number[][] {
  const seen = new Set<number>();
  const components: number[][] = [];
  for (const start of adjacency.keys()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const component = [start];
    // The array grows while it is read.
    for (const node of component) {
      for (const next of adjacency[node]?.keys() ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        component.push(next);
      }
    }
    components.push(component.sort((left, right) => left - right));
  }
  return components;
}

/** Communities, in the order of their first nodes; the nodes of each are sorted. */
export function communitiesOf(adjacency: Adjacency): number[][] {
  let groups = adjacency.map((_, node) => [node]);
  let level: Adjacency = adjacency;
  let loops: number[] = adjacency.map(() => 0);
  for (;;) {
    const { labels, count } = movedNodes(level, loops);
    if (count === level.length) break;
    const merged = Array.from({ length: count }, (): number[] => []);
    for (const [node, label] of labels.entries()) merged[label]?.push(...(groups[node] ?? []));
    ({ level, loops } = contracted(level, loops, labels, count));
    groups = merged;
  }
  return groups
    .map((group) => group.sort((left, right) => left - right))
    .sort((left, right) => (left[0] ?? 0) - (right[0] ?? 0));
}

/** Moves nodes to the community that gains the most, until none moves. Returns communities as numbers from 0 on. */
function movedNodes(level: Adjacency, loops: readonly number[]): { labels: number[]; count: number } {
  const degrees = level.map((neighbours, node) => (loops[node] ?? 0) * 2 + sum(neighbours.values()));
  const total = sum(degrees) || 1;
  const community = level.map((_, node) => node);
  const degreeOf = [...degrees];
  for (let pass = 0, moved = true; moved && pass < MAX_PASSES; pass++) {
    moved = false;
    for (const [node, neighbours] of level.entries()) {
      const own = community[node] ?? node;
      const degree = degrees[node] ?? 0;
      degreeOf[own] = (degreeOf[own] ?? 0) - degree;
      const best = bestCommunity(neighbours, community, own, (id) => (degree * (degreeOf[id] ?? 0)) / total);
      degreeOf[best] = (degreeOf[best] ?? 0) + degree;
      community[node] = best;
      moved ||= best !== own;
    }
  }
  return numbered(community);
}

/** The community of a neighbour to which a node has more edges than expected, or its own. */
function bestCommunity(
  neighbours: ReadonlyMap<number, number>,
  community: readonly number[],
  own: number,
  expected: (id: number) => number,
): number {
  const weights = new Map<number, number>([[own, 0]]);
  for (const [neighbour, weight] of neighbours) {
    const id = community[neighbour] ?? neighbour;
    weights.set(id, (weights.get(id) ?? 0) + weight);
  }
  let best = own;
  let most = (weights.get(own) ?? 0) - expected(own);
  for (const [id, weight] of weights) {
    const gain = weight - expected(id);
    if (gain > most + 1e-9) [best, most] = [id, gain];
  }
  return best;
}

/** Numbers communities in the order of their first nodes. */
function numbered(community: readonly number[]): { labels: number[]; count: number } {
  const numbers = new Map<number, number>();
  const labels = community.map((id) => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  });
  return { labels, count: numbers.size };
}

/** The graph of communities. */
function contracted(level: Adjacency, loops: readonly number[], labels: readonly number[], count: number) {
  const next = Array.from({ length: count }, () => new Map<number, number>());
  const nextLoops = Array.from({ length: count }, () => 0);
  for (const [node, neighbours] of level.entries()) {
    const own = labels[node] ?? 0;
    nextLoops[own] = (nextLoops[own] ?? 0) + (loops[node] ?? 0);
    for (const [neighbour, weight] of neighbours) {
      const other = labels[neighbour] ?? 0;
      // Each edge within a community is seen from both of its ends.
      if (other === own) nextLoops[own] = (nextLoops[own] ?? 0) + weight / 2;
      else next[own]?.set(other, (next[own].get(other) ?? 0) + weight);
    }
  }
  return { level: next as Adjacency, loops: nextLoops };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
