import { z } from 'zod';
import { closedObject } from '../closed-object.js';
import type { KtxMcpContextTools } from '../context-tools.js';
import { briefReport } from '../run-report.js';
import { connectionId } from '../schemas.js';
import { defineTool } from '../tool.js';

const input = closedObject({
  connectionId,
  mode: z
    .enum(['structural', 'enriched', 'relationships'])
    .default('structural')
    .describe('The schema; also profiles; also undeclared relationships'),
  dryRun: z.boolean().default(false).describe('Report changes, stage none'),
});

/** `scan_run`. */
export function scanRun({ scan }: KtxMcpContextTools) {
  return (
    scan &&
    defineTool({
      name: 'scan_run',
      title: 'Scan a database',
      description: 'Reads the schema of a connection into the project and reports changes.',
      input,
      effects: { readOnly: false, destructive: false, openWorld: true },
      mayTakeLong: true,
      ask: (args, call) => scan.ask?.(args, call),
      run: async (args, call) => {
        const { report, runId, status } = await scan.run(args, call);
        return { runId, status, dryRun: args.dryRun, report: briefReport(report) };
      },
    })
  );
}
