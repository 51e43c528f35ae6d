/** Periods of time, and parts of them, as queries name them. */
/** Periods, to which times are truncated; also the granularities of columns. */
export declare const PERIODS: readonly ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];
/** What a dimension of a query may have after a colon. */
export declare const GRANULARITIES: readonly ["second", "minute", "hour", "day", "week", "month", "quarter", "year", "fiscal_month", "fiscal_quarter", "fiscal_year", "hour_of_day", "day_of_week", "day_of_month", "day_of_year", "week_of_year", "month_of_year", "quarter_of_year"];
