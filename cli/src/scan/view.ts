/** Text output of `ktx scan`. */

import type { KtxPrunedScans } from '@kaelio/ktx';
import { formatBytes, pluralize } from '../output/text.js';
import { createRunViews } from '../runs/view.js';

/** The views of scans. */
export const scanViews = createRunViews({
  title: ({ connectionId }) => `Scanned ${connectionId}`,
  base: 'last scan',
  none: 'No scans yet: start one with ktx scan ID',
  sources: false,
});

/** Renders the removed scans, or those that a dry run would remove. */
export function renderPrune({ removed, bytes, kept }: KtxPrunedScans, dryRun: boolean): string {
  if (removed.length === 0) return `Nothing to remove: ${pluralize(kept, 'scan')} kept\n`;
  const title = dryRun ? 'Would remove' : 'Removed';
  const folders = removed.map(({ connectionId, syncId }) => `  ${connectionId} ${syncId}\n`).join('');
  return `${title} ${pluralize(removed.length, 'scan')}, ${formatBytes(bytes)}; ${kept} kept:\n${folders}`;
}
