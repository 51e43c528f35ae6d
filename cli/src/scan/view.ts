/** Scans as people read them. */

import { runViews } from '../runs/view.js';

export const {
  renderRun: renderScan,
  renderRuns,
  renderReport,
} = runViews({
  title: ({ connectionId }) => `Scanned ${connectionId}`,
  base: 'last scan',
  none: 'No scans yet: start one with ktx scan ID',
  sources: false,
});
