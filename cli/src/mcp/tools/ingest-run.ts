import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId, runReport } from '../schemas.js';
import { defineTool } from '../tool.js';

const input = z.strictObject({
  connectionId,
  adapter: z.string().min(1).describe('Adapter of the source: live-database, looker or historic-sql'),
  sourceDir: z
    .string()
    .min(1)
    .optional()
    .describe('Folder with files staged earlier, read instead of pulling; absolute or relative to the project'),
});

const output = z.object({ runId: z.string(), jobId: z.string(), reportId: z.string(), report: runReport });

/** `ingest_run`. */
export function ingestRun({ ingest }: KtxMcpContextTools) {
  return (
    ingest &&
    defineTool({
      name: 'ingest_run',
      title: 'Ingest a source',
      description: 'Pulls a source into the project, stages it, and reports what changed since the last sync.',
      input,
      output,
      effects: { readOnly: false, destructive: false, openWorld: true },
      run: ({ connectionId, adapter, sourceDir }, call) =>
        ingest.run({ connectionId, adapter, ...(sourceDir === undefined ? {} : { config: { sourceDir } }) }, call),
    })
  );
}
