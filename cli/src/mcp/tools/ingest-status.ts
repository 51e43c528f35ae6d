import type { KtxRunReport } from '@kaelio/ktx';
import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { runId, runSummary } from '../schemas.js';
import { defineTool } from '../tool.js';

const input = z.strictObject({
  runId: runId.optional(),
  limit: z.int().min(1).max(200).default(20).describe('Maximum runs (default 20); ignored with runId'),
});

/** `ingest_status`. */
export function ingestStatus({ ingest }: KtxMcpContextTools) {
  return (
    ingest &&
    defineTool({
      name: 'ingest_status',
      title: 'List runs',
      description:
        'Lists the last runs of every adapter, newest first, or one run: its status and the counts of changes.',
      input,
      output: z.object({ runs: z.array(runSummary) }),
      effects: { readOnly: true, openWorld: false },
      run: async ({ runId, limit }) => {
        const runs = await ingest.status(runId === undefined ? { limit } : { runId });
        return { runs: runs.map(withoutDetails) };
      },
    })
  );
}

/** Removes the lists, which may be long; `ingest_report` has them. */
function withoutDetails(report: KtxRunReport) {
  const { changes: _changes, workUnits: _workUnits, details: _details, warnings: _warnings, ...summary } = report;
  return summary;
}
