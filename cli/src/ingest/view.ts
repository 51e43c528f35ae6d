/** Runs of any adapter as people read them. */

import { runViews } from '../runs/view.js';

export const {
  renderRun: renderIngest,
  renderRuns,
  renderReport,
} = runViews({
  title: ({ connectionId, source }) => `Ingested ${connectionId} with ${source}`,
  base: 'last sync',
  none: 'No runs yet: start one with ktx ingest run --connection-id ID --adapter ADAPTER',
  sources: true,
});
