/** Division of the tables of a schema into groups, by their joins. */

import { type Adjacency, adjacencyOf, communitiesOf, componentsOf, type Link } from './communities.js';

/** Why tables are together. */
export type GroupKind =
  /** They are joined with each other. */
  | 'joined'
  /** Pairs and other small groups, which would make too many frames. */
  | 'small'
  /** They are joined with tables of other schemas only. */
  | 'elsewhere'
  /** They are not joined with other tables. */
  | 'isolated';

/** A group. */
export interface Group {
  kind: GroupKind;
  /** Sets of tables that are joined, which are indices; one set if the kind is not `small`. */
  parts: number[][];
}

/** Fewer tables have no group of their own. */
const MIN_GROUP = 4;

/** More tables are divided into communities. */
const MAX_GROUP = 24;

/** Order of the groups of a schema. */
const KINDS: readonly GroupKind[] = ['joined', 'small', 'elsewhere', 'isolated'];

/**
 * Divides the tables of a schema, which are sorted, and so are the tables of the groups. `links` are at least all joins
 * between them; `isJoined` tells whether a table is joined with any other table.
 */
export function groupsOf(
  tables: readonly number[],
  links: readonly Link[],
  isJoined: (table: number) => boolean,
): Group[] {
  const local = new Map(tables.map((table, index) => [table, index]));
  const inner = links.flatMap((link) => {
    const [from, to] = [local.get(link.from), local.get(link.to)];
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
  const adjacency = adjacencyOf(tables.length, inner);
  const parts = componentsOf(adjacency).flatMap((component) => divided(component, adjacency));
  const kindOf = (part: number[]): GroupKind => {
    if (part.length >= MIN_GROUP) return 'joined';
    const [first = 0] = part;
    if (part.length > 1 || adjacency[first]?.size) return 'small';
    return isJoined(tables[first] as number) ? 'elsewhere' : 'isolated';
  };
  const named = parts.map((part) => ({ kind: kindOf(part), part: part.map((index) => tables[index] as number) }));
  return KINDS.flatMap((kind): Group[] => {
    const ofKind = named.filter((each) => each.kind === kind).map(({ part }) => part);
    if (kind === 'joined') return ofKind.map((part) => ({ kind, parts: [part] }));
    if (ofKind.length === 0) return [];
    return [{ kind, parts: kind === 'small' ? ofKind : [ofKind.flat()] }];
  });
}

/** Divides a component into communities of a size that can be read. */
function divided(component: number[], adjacency: Adjacency): number[][] {
  if (component.length <= MAX_GROUP) return [component];
  const local = new Map(component.map((node, index) => [node, index]));
  const inner = component.map((node) => {
    const neighbours = [...(adjacency[node] ?? [])];
    return new Map(
      neighbours.flatMap(([other, weight]) => (local.has(other) ? [[local.get(other) as number, weight]] : [])),
    );
  });
  const communities = communitiesOf(inner).map((community) => community.map((index) => component[index] as number));
  if (communities.length === 1) return communities;
  return communities.flatMap((community) => divided(community, adjacency));
}
