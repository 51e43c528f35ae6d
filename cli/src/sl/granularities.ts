/** Periods of time, and parts of them, as queries name them. */

/** Periods, to which times are truncated; also the granularities of columns. */
export const PERIODS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;

const FISCAL_PERIODS = ['fiscal_month', 'fiscal_quarter', 'fiscal_year'] as const;

/** Numbers within a longer period. */
const PARTS = [
  ...(['hour_of_day', 'day_of_week', 'day_of_month', 'day_of_year'] as const),
  ...(['week_of_year', 'month_of_year', 'quarter_of_year'] as const),
] as const;

/** What a dimension of a query may have after a colon. */
export const GRANULARITIES = [...PERIODS, ...FISCAL_PERIODS, ...PARTS] as const;
