/** Text output of the profiles and the relationships of a scan. */

import type { KtxRunReport } from '@kaelio/ktx';
import { quoteForShell } from '../output/shell.js';
import { formatBytes, pluralize, toShortLine } from '../output/text.js';

/** Maximum reasons why tables could not be profiled. */
const MAX_REASONS = 3;

/** How the tables were profiled, in one line; `undefined` if they were not. */
export function profileSummary({ profile }: KtxRunReport): string | undefined {
  if (profile === undefined) return undefined;
  const { profiled, sampled, unread, skipped, statements, bytes, seconds } = profile;
  const parts = [
    `${pluralize(profiled, 'table')} in ${seconds.toFixed(1)} s by ${pluralize(statements, 'statement')}`,
    sampled > 0 ? `${sampled} on a sample` : '',
    bytes === undefined ? '' : `${formatBytes(bytes)} read`,
    unread.length > 0 ? `${unread.length} could not be read` : '',
    skipped.length > 0 ? `${skipped.length} left out` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A line for each change of a profile. */
export function profileChangeLines({ profileChanges = [] }: KtxRunReport): string[] {
  return profileChanges.map(({ table, column, text }) => toShortLine(`${table}.${column}: ${text}`));
}

/** A line for each table that was not profiled, with the reason. */
export function unprofiledLines({ profile }: KtxRunReport): string[] {
  if (profile === undefined) return [];
  return [...profile.unread, ...profile.skipped].map(({ table, reason }) => toShortLine(`${table}: ${reason}`));
}

/** The reasons why tables could not be profiled, the most frequent ones first; `undefined` if all could. */
export function unreadReasons({ profile }: KtxRunReport): string | undefined {
  const counts = new Map<string, number>();
  for (const { reason } of profile?.unread ?? []) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  if (counts.size === 0) return undefined;
  const reasons = [...counts].sort(([, one], [, other]) => other - one);
  const shown = reasons.slice(0, MAX_REASONS).map(([reason, count]) => `${pluralize(count, 'table')}: ${reason}`);
  const more = reasons.length - shown.length;
  return toShortLine([...shown, ...(more > 0 ? [pluralize(more, 'other reason')] : [])].join('; '));
}

/** How many relationships and keys were detected, and the command that lists those to review. */
export function relationshipSummary({ relationships, connectionId }: KtxRunReport): string | undefined {
  if (relationships === undefined) return undefined;
  const { accepted, review, rejected, keys } = relationships;
  const list = `ktx relationships list --status review --connection-id ${quoteForShell(connectionId)}`;
  const counts = `${accepted} accepted, ${review} to review, ${rejected} rejected; ${pluralize(keys, 'key')}`;
  return review > 0 ? `${counts}. Review with: ${list}` : counts;
}
