/** Communities of graphs. */

import { describe, expect, it } from 'vitest';
import { adjacencyOf, communitiesOf, componentsOf, type Link } from '../../src/layout/communities.js';
import { groupsOf } from '../../src/layout/groups.js';

/** All links between some nodes. */
const clique = (nodes: number[]): Link[] =>
  nodes.flatMap((from, index) => nodes.slice(index + 1).map((to) => ({ from, to })));

const range = (start: number, count: number) => Array.from({ length: count }, (_, index) => start + index);

describe('componentsOf', () => {
  it('finds what is connected in either direction', () => {
    const links = [
      { from: 0, to: 3 },
      { from: 4, to: 3 },
      { from: 1, to: 1 },
    ];
    expect(componentsOf(adjacencyOf(5, links))).toEqual([[0, 3, 4], [1], [2]]);
  });
});

describe('communitiesOf', () => {
  it('separates cliques that one link connects', () => {
    const links = [...clique(range(0, 6)), ...clique(range(6, 6)), { from: 0, to: 6 }];
    expect(communitiesOf(adjacencyOf(12, links))).toEqual([range(0, 6), range(6, 6)]);
  });

  it('separates a ring of 30 cliques', () => {
    const links = range(0, 30).flatMap((each) => [
      ...clique(range(each * 8, 8)),
      { from: each * 8, to: ((each + 1) % 30) * 8 + 1 },
    ]);
    const communities = communitiesOf(adjacencyOf(240, links));
    expect(communities.flat().sort((one, other) => one - other)).toEqual(range(0, 240));
    expect(communities.length).toBeGreaterThan(10);
    // No clique is divided.
    for (const community of communities) expect(community.length % 8).toBe(0);
  });

  it('leaves nodes without links alone', () => {
    expect(communitiesOf(adjacencyOf(3, []))).toEqual([[0], [1], [2]]);
    expect(communitiesOf([])).toEqual([]);
  });
});

describe('groupsOf', () => {
  const all = range(0, 10);

  it('has groups for joined tables, small groups, tables that are joined elsewhere, and the others', () => {
    const links = [...clique([0, 1, 2, 3]), { from: 4, to: 5 }, { from: 6, to: 99 }, { from: 7, to: 7 }];
    const groups = groupsOf(all, links, (table) =>
      links.some(({ from, to }) => from !== to && [from, to].includes(table)),
    );
    expect(groups).toEqual([
      { kind: 'joined', parts: [[0, 1, 2, 3]] },
      { kind: 'small', parts: [[4, 5]] },
      { kind: 'elsewhere', parts: [[6]] },
      { kind: 'isolated', parts: [[7, 8, 9]] },
    ]);
  });

  it('divides many joined tables', () => {
    const links = range(0, 10).flatMap((each) => [...clique(range(each * 10, 10)), { from: 0, to: each * 10 }]);
    const groups = groupsOf(range(0, 100), links, () => true);
    expect(groups.length).toBeGreaterThan(4);
    for (const { parts } of groups) expect(parts.flat().length).toBeLessThanOrEqual(24);
  });
});
