/** Text output of `ktx ingest`. */

import { createRunViews } from '../runs/view.js';

/** The views of ingests. */
export const ingestViews = createRunViews({
  title: ({ connectionId, source }) => `Ingested ${connectionId} with ${source}`,
  base: 'last sync',
  none: 'No runs yet: start one with ktx ingest run --connection-id ID --adapter ADAPTER',
  sources: true,
});
