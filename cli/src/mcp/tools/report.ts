import type { KtxRunReport } from '@kaelio/ktx';
import { z } from 'zod';
import { runId, runReport } from '../schemas.js';
import { defineTool } from '../tool.js';

/** Defines a tool that reads the report of a recorded run. */
export function reportTool(
  definition: { name: string; title: string; description: string },
  report: (request: { runId: string }) => Promise<KtxRunReport>,
) {
  return defineTool({
    ...definition,
    input: z.strictObject({ runId }),
    output: runReport,
    effects: { readOnly: true, openWorld: false },
    run: report,
  });
}
