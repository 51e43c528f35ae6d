import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { connectionId, runReport } from '../schemas.js';
import { defineTool } from '../tool.js';

const input = z.strictObject({
  connectionId,
  mode: z
    .enum(['structural', 'enriched', 'relationships'])
    .default('structural')
    .describe('What to read: the schema; profiles of the tables as well; relationships that are not declared as well'),
  dryRun: z.boolean().default(false).describe('Report changes without staging them'),
});

const output = z.looseObject({
  runId: z.string(),
  status: z.literal('done'),
  connectionId: z.string(),
  mode: z.string().optional(),
  dryRun: z.boolean(),
  syncId: z.string(),
  report: runReport,
});

/** `scan_run`. */
export function scanRun({ scan }: KtxMcpContextTools) {
  return (
    scan &&
    defineTool({
      name: 'scan_run',
      title: 'Scan a database',
      description:
        'Reads the schema of a connection, and profiles of its tables if the mode says so, into the project and reports ' +
        'what changed since the last scan.',
      input,
      output,
      effects: { readOnly: false, destructive: false, openWorld: true },
      run: (args, call) => scan.run(args, call),
    })
  );
}
