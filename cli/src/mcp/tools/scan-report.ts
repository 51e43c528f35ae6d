import { z } from 'zod';
import type { KtxMcpContextTools } from '../context-tools.js';
import { runId, runReport } from '../schemas.js';
import { defineTool } from '../tool.js';

/** `scan_report`. */
export function scanReport({ scan }: KtxMcpContextTools) {
  return (
    scan &&
    defineTool({
      name: 'scan_report',
      title: 'Read the report of a scan',
      description: 'Everything that a recorded scan found: what changed, the work that follows, and warnings.',
      input: z.strictObject({ runId }),
      output: runReport,
      effects: { readOnly: true, openWorld: false },
      run: (args) => scan.report(args),
    })
  );
}
