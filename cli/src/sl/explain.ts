/** How a semantic query is answered, in words. */

import type {
  KtxSemanticMeasureGroup,
  KtxSemanticPlan,
  KtxSemanticPlanFact,
  KtxSemanticPlanPeriod,
  KtxSemanticQueryResult,
} from '@kaelio/ktx';

/** Keys of the plan that have words of their own; the daemon may add others, which are shown as they are. */
const KNOWN = new Set([
  ...['sources_used', 'join_paths', 'has_fan_out', 'measure_groups', 'facts', 'where_filters', 'having_filters'],
  ...['periods', 'columns', 'nulls', 'calculations', 'warnings', 'limit_warning'],
]);

/** A section: its title, and what there is to say. */
export interface Section {
  title: string;
  lines: string[];
}

/** The sections of the explanation that have lines. */
export function explain({ plan }: KtxSemanticQueryResult): Section[] {
  const found = plan as unknown as Record<string, unknown>;
  const others = Object.keys(found).filter((key) => !KNOWN.has(key));
  const warnings = plan.warnings.filter((warning) => warning !== plan.limit_warning);
  const sections = [
    { title: 'Sources', lines: [plan.sources_used.join(', ')].filter(Boolean) },
    ...facts(plan),
    { title: 'Counted once', lines: counting(plan) },
    { title: 'Filters of rows', lines: texts(plan.where_filters) },
    { title: 'Filters of results', lines: texts(plan.having_filters) },
    { title: 'Periods', lines: (plan.periods ?? []).map(period) },
    { title: 'Calculations', lines: plan.calculations ?? [] },
    { title: 'Columns', lines: plan.columns.map(column) },
    { title: 'NULL', lines: plan.nulls ?? [] },
    ...others.map((key) => ({ title: titleOf(key), lines: texts(found[key]) })),
    { title: 'Limit', lines: texts(plan.limit_warning) },
    { title: 'Warnings', lines: warnings },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

/** What is aggregated where; daemons of earlier versions describe measure groups only. */
function facts({ facts = [], measure_groups, join_paths }: KtxSemanticPlan): Section[] {
  if (facts.length > 0) return [{ title: 'Facts', lines: facts.flatMap(fact) }];
  return [
    { title: 'Aggregation', lines: measure_groups.map(aggregation) },
    { title: 'Joins', lines: join_paths },
  ];
}

function fact(found: KtxSemanticPlanFact): string[] {
  const { source, measures, grouped_by, filters = [], paths = [], time, offset, window, deduplicated } = found;
  const by = grouped_by.length === 0 ? ', all rows as one group' : `, grouped by ${grouped_by.join(', ')}`;
  const what = measures.length === 0 ? source : `${source}: ${measures.join(', ')}`;
  const details = [
    ...paths.map(({ path, finds }) => `${path} finds ${finds}`),
    ...(time === undefined ? [] : [`metric_time is ${time}`]),
    ...(offset === undefined ? [] : [`of the period ${offset} before`]),
    ...(window === undefined ? [] : [`rows: ${window}`]),
    ...filters.map((filter) => `filter: ${filter}`),
    ...(deduplicated ? ['each row counts once in a group'] : []),
  ];
  return [`${what}${by}`, ...details.map((detail) => `  ${detail}`)];
}

function aggregation({ source, measures, joins, deduplicated }: KtxSemanticMeasureGroup): string {
  const what = measures.length === 0 ? 'its rows are grouped' : `${measures.join(', ')} over its rows`;
  const joined = joins.length === 0 ? '' : `, joined by ${joins.join(', ')}`;
  return `${source}: ${what}${joined}${deduplicated ? '; each row counts once in a group' : ''}`;
}

function counting({ has_fan_out, measure_groups }: KtxSemanticPlan): string[] {
  if (!has_fan_out) return [];
  const how = measure_groups.length > 1 ? 'each fact is aggregated on its own' : 'rows are made distinct';
  return [`A plain join of all sources would count rows more than once, so ${how}`];
}

const PROVENANCES: Record<KtxSemanticPlan['columns'][number]['provenance'], string> = {
  verified: 'measure of the model',
  composed: 'calculation of the query',
  dimension: 'dimension',
};

function column({
  name,
  alias,
  provenance,
  expr,
  description,
  granularity,
}: KtxSemanticPlan['columns'][number]): string {
  const of = expr === name || expr === alias ? '' : ` = ${expr}`;
  const by = granularity ? ` by ${granularity}` : '';
  const text = description ? `; ${description}` : '';
  return `${alias}: ${name === alias ? '' : `${name}, `}${PROVENANCES[provenance]}${of}${by}${text}`;
}

function period({ field, period, time_zone, start, end }: KtxSemanticPlanPeriod): string {
  const bounds = [start && ` from ${start}`, end && ` to before ${end}`].filter(Boolean).join('');
  return `${field} in ${period}:${bounds} (${time_zone})`;
}

/** The texts of a value; of an object, its keys with their texts. */
function texts(value: unknown): string[] {
  if (value === null || value === undefined || value === false) return [];
  if (Array.isArray(value)) return value.flatMap((each) => line(each));
  return line(value);
}

function line(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return value === null || value === '' ? [] : [String(value)];
  if (Array.isArray(value)) return [value.flatMap(line).join(', ')].filter(Boolean);
  const parts = Object.entries(value).flatMap(([key, each]) => line(each).map((text) => `${words(key)} ${text}`));
  return [parts.join('; ')].filter(Boolean);
}

function words(key: string): string {
  return key.replaceAll('_', ' ');
}

function titleOf(key: string): string {
  const text = words(key);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
