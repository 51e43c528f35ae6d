/** The calendar of a project in words. */

import type { KtxSemanticCalendar, KtxWeekday } from '@kaelio/ktx';

const MONTHS = [
  ...(['January', 'February', 'March', 'April', 'May', 'June'] as const),
  ...(['July', 'August', 'September', 'October', 'November', 'December'] as const),
];

/** Titles with sentences. */
export function calendarFacts({
  week_start = 'monday',
  fiscal_year_start = 1,
  retail,
}: KtxSemanticCalendar): [title: string, text: string][] {
  const weeks: [string, string] = ['Weeks', `start on ${dayOf(week_start)}`];
  if (retail === undefined) return [weeks, ['Fiscal years', yearsFrom(fiscal_year_start)]];
  const { pattern, ends = 'last', weekday = 'saturday', month = 1 } = retail;
  const end = ends === 'last' ? `on the last ${dayOf(weekday)} of` : `on the ${dayOf(weekday)} nearest to the end of`;
  return [
    weeks,
    ['Fiscal years', `have 52 or 53 whole weeks, and end ${end} ${monthOf(month)}`],
    ['Fiscal quarters', `have 13 weeks, whose months have ${pattern} weeks`],
  ];
}

function yearsFrom(month: number): string {
  if (month === 1) return 'start in January, like calendar years';
  return `start in ${monthOf(month)}, and are named by the year in which they end`;
}

function dayOf(weekday: KtxWeekday): string {
  return weekday.charAt(0).toUpperCase() + weekday.slice(1);
}

function monthOf(month: number): string {
  return MONTHS[month - 1] ?? String(month);
}
