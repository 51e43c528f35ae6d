/** Functions of the ingest tools. */

import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { type KtxProject, listKtxRuns, readKtxRun } from '@kaelio/ktx';
import { type RunLocalIngestOptions, runKtxCliLocalIngest } from '../../ingest/local-ingest.js';
import { reportOf } from '../../runs/result.js';
import { progressText } from '../../terminal/progress.js';
import { type KtxMcpCall, optionsOf, serverOptionsOf } from '../call.js';
import type { IngestTools, KtxMcpContextOptions, McpIngestRequest, McpIngestResult } from '../context-tools.js';
import { askForRuntimeOfRun, callAdapters, ensureRuntimeOfRun } from './call-runtime.js';

/** Default maximum of listed runs. */
const DEFAULT_LIMIT = 20;

/** Creates the group. */
export function ingestTools(project: KtxProject, context: KtxMcpContextOptions): IngestTools {
  const { projectDir } = project;
  const { localIngest } = context;
  return {
    async ask({ connectionId, config }, call) {
      if (config?.sourceDir === undefined) await askForRuntimeOfRun(project, localIngest, connectionId, call);
    },
    async run(request, call = {}) {
      const { connectionId, config } = request;
      if (config?.sourceDir === undefined) await ensureRuntimeOfRun(project, localIngest, connectionId, call);
      const options = { ...runOptions(project, localIngest, request, call), ...serverOptionsOf(context) };
      const result = await (localIngest.runLocalIngest ?? runKtxCliLocalIngest)(options);
      return toMcpResult(result, request, options.jobId);
    },
    status: async ({ runId, limit = DEFAULT_LIMIT }) =>
      runId === undefined ? listKtxRuns({ projectDir, limit }) : [await readKtxRun({ projectDir, runId })],
    report: ({ runId }) => readKtxRun({ projectDir, runId }),
  };
}

function runOptions(
  project: KtxProject,
  localIngest: KtxMcpContextOptions['localIngest'],
  { adapter, connectionId, trigger = 'manual_resync', config: { sourceDir } = {} }: McpIngestRequest,
  call: KtxMcpCall,
): RunLocalIngestOptions {
  const { jobIdFactory = randomUUID } = localIngest;
  return {
    project,
    ...callAdapters(localIngest, call),
    adapter,
    connectionId,
    ...(sourceDir === undefined ? {} : { sourceDir: resolve(project.projectDir, sourceDir) }),
    trigger,
    jobId: jobIdFactory(),
    onProgress: (step) => call.onProgress?.(progressText(step.message, step)),
    ...optionsOf(call),
  };
}

/** Converts the result; a run of a host may have different ids for its report and its job. */
function toMcpResult(result: unknown, { connectionId, adapter }: McpIngestRequest, jobId: string): McpIngestResult {
  const { report: raw, ...outer } = result as { jobId?: string | null; report?: { id?: string; jobId?: string } };
  const report = reportOf(result, { connectionId, source: adapter });
  return {
    runId: report.runId,
    jobId: raw?.jobId ?? outer.jobId ?? jobId,
    reportId: raw?.id ?? report.runId,
    report,
  };
}
