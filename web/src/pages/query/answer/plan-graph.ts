/** The plan of a query as a graph: sources, joins, aggregations, calculations and the result. */

import type { KtxSemanticPlan, KtxSemanticPlanFact } from '@kaelio/ktx';
import type { EdgeToDraw, NodeToDraw } from '../../../view/parts/diagram.js';

/** A graph for `Diagram`. */
export interface PlanGraph {
  nodes: NodeToDraw[];
  edges: EdgeToDraw[];
}

/** Text between the ends of a join. */
const ARROW = ' → ';

/** Most aggregations that are drawn; the text has all. */
const MAX_FACTS = 24;

/** Draws a plan. `sourceOf` gives the source of a name, which may be a role; `undefined` has no page. */
export function planGraph(
  plan: KtxSemanticPlan,
  connectionId: string,
  sourceOf: (name: string) => string | undefined,
): PlanGraph {
  const facts = factsOf(plan).slice(0, MAX_FACTS);
  const joins = joinsOf(plan);
  const names = [...new Set([...plan.sources_used, ...joins.flat(), ...facts.map(({ source }) => source)])];
  const nodes: NodeToDraw[] = names.map((name) => {
    const source = sourceOf(name);
    const kind = source === undefined || source === name ? 'source' : `role of ${source}`;
    const to = source === undefined ? {} : { to: { page: 'source' as const, connectionId, name: source } };
    return { id: `source ${name}`, label: name, kind, ...to };
  });
  const edges: EdgeToDraw[] = joins.map(([from, to]) => ({
    from: `source ${to}`,
    to: `source ${from}`,
    label: 'joined',
    line: 'dashed',
  }));
  nodes.push(...facts.map((fact, index) => ({ id: `fact ${index}`, label: labelOf(fact), kind: groupsOf(fact) })));
  edges.push(...facts.map((fact, index) => edgeOf(fact, index)));
  connect(plan, facts.length, nodes, edges);
  return { nodes, edges };
}

/** Adds what follows the aggregations: their combination, calculations and the result. */
function connect(plan: KtxSemanticPlan, facts: number, nodes: NodeToDraw[], edges: EdgeToDraw[]): void {
  const calculations = plan.calculations ?? [];
  const steps: NodeToDraw[] = [];
  if (facts > 1) steps.push({ id: 'combined', label: 'groups of all', kind: 'combined' });
  if (calculations.length > 0) {
    const [only] = calculations;
    const label = calculations.length === 1 ? (only ?? '') : `${calculations.length} calculations`;
    steps.push({ id: 'calculations', label, kind: 'calculated' });
  }
  if (plan.having_filters.length > 0) {
    steps.push({ id: 'having', label: plan.having_filters.join(' and '), kind: 'filter of groups' });
  }
  const columns = plan.columns.map(({ alias }) => alias).join(', ');
  steps.push({ id: 'result', label: columns, kind: 'result', tone: 'strong' });
  const [first] = steps;
  for (let index = 0; index < facts; index++) edges.push({ from: `fact ${index}`, to: first?.id ?? 'result' });
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    if (next !== undefined) edges.push({ from: step.id, to: next.id });
  }
  nodes.push(...steps);
}

/** The aggregations; those of earlier daemons by their groups. */
function factsOf({ facts, measure_groups }: KtxSemanticPlan): KtxSemanticPlanFact[] {
  if (facts !== undefined && facts.length > 0) return facts;
  return measure_groups.map(({ source, measures }) => ({ source, measures, grouped_by: [] }));
}

/** The ends of each join. A name may have an arrow itself, so that known names are looked for first. */
function joinsOf({ join_paths, sources_used }: KtxSemanticPlan): [from: string, to: string][] {
  return join_paths.flatMap((path): [string, string][] => {
    const known = sources_used.find(
      (name) => path.startsWith(name + ARROW) && sources_used.includes(path.slice(name.length + ARROW.length)),
    );
    if (known !== undefined) return [[known, path.slice(known.length + ARROW.length)]];
    const steps = path.split(ARROW);
    return steps.slice(1).map((step, index) => [steps[index] ?? '', step]);
  });
}

function labelOf({ source, measures }: KtxSemanticPlanFact): string {
  return measures.length === 0 ? `rows of ${source}` : measures.join(', ');
}

function groupsOf({ grouped_by, deduplicated }: KtxSemanticPlanFact): string {
  const groups = grouped_by.length === 0 ? 'of all rows' : `by ${grouped_by.join(', ')}`;
  return `${deduplicated ? 'distinct rows ' : ''}${groups}`;
}

function edgeOf({ source, filters = [], offset, window }: KtxSemanticPlanFact, index: number): EdgeToDraw {
  const labels = [
    ...(filters.length === 0 ? [] : ['filtered']),
    ...(offset === undefined ? [] : [`${offset} before`]),
    ...(window === undefined ? [] : [window]),
  ];
  const label = labels.length === 0 ? {} : { label: labels.join(', ') };
  return { from: `source ${source}`, to: `fact ${index}`, ...label };
}
