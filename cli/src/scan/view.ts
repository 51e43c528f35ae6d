/** Text output of `ktx scan`. */

import { createRunViews } from '../runs/view.js';

/** The views of scans. */
export const scanViews = createRunViews({
  title: ({ connectionId }) => `Scanned ${connectionId}`,
  base: 'last scan',
  none: 'No scans yet: start one with ktx scan ID',
  sources: false,
});
