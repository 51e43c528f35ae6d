/** Lines of the status of a project, as `ktx status` has them. */

import type { CommandWords } from '../../site/command-line.js';
import { countOf } from '../../site/format.js';
import type { Route } from '../../site/route.js';
import type { Validation } from '../../view/use-validation.js';

/** Part of a project that a line is about, in their order. */
export const AREAS = ['project', 'connection', 'semantic-layer', 'search', 'runtime', 'agents'] as const;

/** Part of a project. */
export type StatusArea = (typeof AREAS)[number];

/**
 * `ok`, `unchecked` for what is there and was not tried, `warning` for what works but is incomplete or old, `problem` for
 * what does not work.
 */
export type StatusState = 'ok' | 'unchecked' | 'warning' | 'problem';

/** One line. */
export interface StatusItem {
  area: StatusArea;
  /** Id of the connection, or name of the area's part. */
  name: string;
  state: StatusState;
  /** What was found. */
  detail: string;
  /** Command that improves a state other than `ok`. */
  command?: CommandWords;
  /** What else improves it, if it is no command. */
  fix?: string;
  /** Connections whose validation decides the state, by its errors in sources or in metrics. */
  validated?: { connectionIds: readonly string[]; part: 'sources' | 'metrics' };
  /** Page with more about it. */
  page?: Route;
}

/** `Everything works; 2 notes`, `No problem is known; 2 notes` if something was not checked, `1 problem, 2 notes` */
export function summaryOfItems(items: Pick<StatusItem, 'state'>[]): string {
  const count = (wanted: StatusState) => items.filter(({ state }) => state === wanted).length;
  const some = (number: number, noun: string) => (number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`]);
  const notes = some(count('warning'), 'note');
  const problems = some(count('problem'), 'problem');
  if (problems.length > 0) return [...problems, ...notes].join(', ');
  return [count('unchecked') > 0 ? 'No problem is known' : 'Everything works', ...notes].join('; ');
}

/** The item after its connections were validated; the same item while one was not. */
export function checkedItem(item: StatusItem, validationOf: (connectionId: string) => Validation): StatusItem {
  const { validated, command: _, ...rest } = item;
  if (validated === undefined) return item;
  const validations = validated.connectionIds.map(validationOf);
  const errors = validations.flatMap((each) => (each.state === 'checked' ? each.findings.errors : []));
  const concerned = errors.filter((text) => text.startsWith("metric '") === (validated.part === 'metrics'));
  const count = new Set(concerned).size;
  if (count > 0) return { ...item, state: 'problem', detail: `${item.detail}: not valid, ${countOf(count, 'error')}` };
  const isChecked = validations.length > 0 && validations.every(({ state }) => state === 'checked');
  return isChecked ? { ...rest, state: 'ok', detail: `${item.detail}: valid` } : item;
}
