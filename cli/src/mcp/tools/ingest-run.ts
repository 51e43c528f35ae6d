import { z } from 'zod';
import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools, McpIngestRequest } from '../context-tools.js';
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
      description: 'Pulls a source into the project and reports changes.',
      input,
      effects: { readOnly: false, destructive: false, openWorld: true },
      mayTakeLong: true,
      ask: (args, call) => ingest.ask?.(requestOf(args), call),
      run: async (args, call) => {
        const { report, ...ids } = await ingest.run(requestOf(args), call);
        return { ...ids, report: briefReport(report) };
      },
    })
  );
}

function requestOf({ connectionId, adapter, sourceDir }: z.output<typeof input>): McpIngestRequest {
  return { connectionId, adapter, ...(sourceDir === undefined ? {} : { config: { sourceDir } }) };
}
