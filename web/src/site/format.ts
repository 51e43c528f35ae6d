/** Numbers and times as texts, equal on the server and in every browser. */

const NUMBERS = new Intl.NumberFormat('en-US');
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,234,567` */
export function formatNumber(value: number): string {
  return NUMBERS.format(value);
}

/** `1.2M` */
export function formatCompact(value: number): string {
  return COMPACT.format(value);
}

/** A share, 0 to 1: `12 %`, or `< 1 %` and `> 99 %` for what is neither none nor all. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.01) return '< 1 %';
  if (share < 1 && share > 0.99) return '> 99 %';
  return `${Math.round(share * 100)} %`;
}

/** A time in UTC: `2026-05-04 13:05`. */
export function formatTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** `1 table`, `2 tables` */
export function countOf(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}
