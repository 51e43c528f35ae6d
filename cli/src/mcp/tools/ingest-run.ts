import { z } from 'zod';
import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools } from '../context-tools.js';
import { briefReport } from '../run-report.js';
import { connectionId } from '../schemas.js';
import { defineTool } from '../tool.js';

const input = closedObject({
  connectionId,
  adapter: z.string().min(1).describe('live-database, looker or historic-sql'),
  sourceDir: z.string().min(1).optional().describe('Folder with staged files to read'),
});

/** `ingest_run`. */
export function ingestRun({ ingest }: KtxMcpContextTools) {
  return (
    ingest &&
    defineTool({
      name: 'ingest_run',
      title: 'Ingest a source',
      description: 'Pulls a source into the project, stages it, and reports what changed since the last sync.',
      input,
      effects: { readOnly: false, destructive: false, openWorld: true },
      run: async ({ connectionId, adapter, sourceDir }, call) => {
        const config = sourceDir === undefined ? {} : { config: { sourceDir } };
        const { report, ...ids } = await ingest.run({ connectionId, adapter, ...config }, call);
        return { ...ids, report: briefReport(report) };
      },
    })
  );
}
