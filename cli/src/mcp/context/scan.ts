/** Functions of the scan tools. */

import { type KtxProject, readKtxRun } from '@kaelio/ktx';
import { runKtxCliLocalScan, withTerminal } from '../../ingest/local-ingest.js';
import { progressText } from '../../terminal/progress.js';
import { optionsOf, serverOptionsOf } from '../call.js';
import type { KtxMcpContextOptions, ScanTools } from '../context-tools.js';
import { askForRuntimeOfRun, callAdapters, callDaemonOptions, ensureRuntimeOfRun } from './call-runtime.js';

/** Creates the group. */
export function scanTools(project: KtxProject, options: KtxMcpContextOptions): ScanTools {
  const { projectDir } = project;
  const { localIngest } = options;
  return {
    ask: ({ connectionId }, call) => askForRuntimeOfRun(project, localIngest, connectionId, call),
    async run({ connectionId, mode = 'structural', dryRun = false }, call = {}) {
      await ensureRuntimeOfRun(project, localIngest, connectionId, call);
      return (localIngest.runLocalScan ?? runKtxCliLocalScan)({
        project,
        projectDir,
        connectionId,
        mode,
        detectRelationships: mode === 'relationships',
        dryRun,
        trigger: 'mcp',
        adapters: callAdapters(localIngest, call).adapters,
        ...withTerminal(callDaemonOptions(localIngest, call)),
        onProgress: (step) => call.onProgress?.(progressText(step.message, step)),
        ...serverOptionsOf(options),
        ...optionsOf(call),
      });
    },
    report: ({ runId }) => readKtxRun({ projectDir, runId }),
  };
}
