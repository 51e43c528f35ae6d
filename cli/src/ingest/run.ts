/** Runs `ktx ingest …`. */

import { randomUUID } from 'node:crypto';
import { type KtxManagedPythonInstallPolicy, type KtxProject, loadKtxProject } from '@kaelio/ktx';
import { findOnlyConnection } from '../connection/only-connection.js';
import { type TrustFlag, trustOptions } from '../flags/trust.js';
import type { RowFormat } from '../output/formats.js';
import { printResult, printWarnings } from '../output/print.js';
import type { RunQuery } from '../runs/query.js';
import { reportOf } from '../runs/result.js';
import { type RunStoreDeps, showRun, showRuns } from '../runs/run.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { styleOf } from '../terminal/style.js';
import {
  adapterOptions,
  type CreateLocalIngestAdapters,
  createKtxCliLocalIngestAdapters,
  type RunLocalIngest,
  runKtxCliLocalIngest,
  runWithProgress,
} from './local-ingest.js';
import { ingestViews } from './view.js';

/** The adapter whose options include the connection. */
const HISTORIC_SQL = 'historic-sql';

/** Output of a command: text, or one JSON document. */
export type KtxIngestOutputMode = 'plain' | 'json';

/** Arguments of the group; folders are absolute. */
export type KtxIngestArgs =
  | ({
      command: 'run';
      projectDir: string;
      /** Default: the only connection that the adapter can pull from. */
      connectionId?: string | undefined;
      adapter: string;
      /** Folder with files staged earlier, which are read instead of pulling. */
      sourceDir?: string | undefined;
      databaseIntrospectionUrl?: string | undefined;
      cliVersion?: string | undefined;
      runtimeInstallPolicy?: KtxManagedPythonInstallPolicy | undefined;
      outputMode: KtxIngestOutputMode;
    } & TrustFlag)
  | (RunQuery & { outputMode: KtxIngestOutputMode; format?: RowFormat });

type RunArgs = Extract<KtxIngestArgs, { command: 'run' }>;

/** Functions that the group calls; hosts and tests may replace each. */
export interface KtxIngestDeps extends RunStoreDeps {
  loadKtxProject?: typeof loadKtxProject;
  createAdapters?: CreateLocalIngestAdapters;
  runLocalIngest?: RunLocalIngest;
  jobIdFactory?: () => string;
}

/** Runs one command of the group; resolves with the exit code and rejects on failure. */
export async function runKtxIngest(args: KtxIngestArgs, io: CliIo, deps: KtxIngestDeps = {}): Promise<number> {
  const project = await (deps.loadKtxProject ?? loadKtxProject)({
    projectDir: args.projectDir,
    ...environmentOption(io),
  });
  printWarnings(io, project.warnings);
  if (args.command === 'run') await ingest(args, project, io, deps);
  else {
    const { command, projectDir, runId, all, format } = args;
    const output = args.outputMode === 'json' ? { json: true as const } : { ...(format && { format }) };
    if (runId === undefined) await showRuns({ projectDir, all, output }, io, deps, ingestViews);
    else await showRun({ projectDir, all, output, command, runId }, io, deps, ingestViews);
  }
  return 0;
}

async function ingest(args: RunArgs, project: KtxProject, io: CliIo, deps: KtxIngestDeps): Promise<void> {
  const { adapter, sourceDir } = args;
  const connectionId = args.connectionId ?? findOnlyConnection(adapter, project);
  const historicSql = adapter === HISTORIC_SQL ? { historicSqlConnectionId: connectionId } : {};
  const options = { ...adapterOptions(args, io), ...historicSql };
  const adapters = (deps.createAdapters ?? createKtxCliLocalIngestAdapters)(project, options);
  const result = await runWithProgress(io, (callbacks) =>
    (deps.runLocalIngest ?? runKtxCliLocalIngest)({
      project,
      adapters,
      adapter,
      connectionId,
      ...(sourceDir === undefined ? {} : { sourceDir }),
      trigger: 'manual_resync',
      jobId: (deps.jobIdFactory ?? randomUUID)(),
      pullConfigOptions: options,
      ...trustOptions(args, io),
      ...callbacks,
    }),
  );
  const report = reportOf(result, { connectionId, source: adapter });
  printWarnings(io, report.warnings);
  await printResult(io, args.outputMode === 'json', result, () => ingestViews.renderRun(report, styleOf(io)));
}
