import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { runId, runReport } from '../schemas.js';
import { defineTool } from '../tool.js';

/** `ingest_report`. */
export function ingestReport({ ingest }: KtxMcpContextTools) {
  return (
    ingest &&
    defineTool({
      name: 'ingest_report',
      title: 'Read the report of an ingest',
      description: 'Everything that a recorded run found: what changed, the work that follows, and warnings.',
      input: z.strictObject({ runId }),
      output: runReport,
      effects: { readOnly: true, openWorld: false },
      run: (args) => ingest.report(args),
    })
  );
}
