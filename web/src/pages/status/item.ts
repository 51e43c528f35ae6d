/** Lines of the status of a project, as `ktx status` has them. */

import type { Route } from '../../site/route.js';

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
  command?: string;
  /** What else improves it, if it is no command. */
  fix?: string;
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
