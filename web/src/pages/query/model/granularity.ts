/** Periods of time and parts of them, as queries name them. */

import { GRANULARITIES, PERIODS } from '../../../../../cli/src/sl/granularities.js';

/** The time of each measure, as a dimension. */
export const METRIC_TIME = 'metric_time';

/** Granularities that a user chooses from, the usual ones first. */
export const CHOICES = ['day', 'week', 'month', 'quarter', 'year', ...others()];

function others(): string[] {
  const usual = ['day', 'week', 'month', 'quarter', 'year'];
  return GRANULARITIES.filter((each) => !usual.includes(each));
}

/** Whether values of a granularity are times, and not numbers such as a day of the week. */
export function isPeriod(granularity: string): boolean {
  return granularity.startsWith('fiscal_') || (PERIODS as readonly string[]).includes(granularity);
}

/** A granularity in words: `day of week`. */
export function wordsOf(granularity: string): string {
  return granularity.replaceAll('_', ' ');
}
