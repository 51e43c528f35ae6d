/** `ktx scan …`: the schema of a connection, pulled into the project. */

import {
  type KtxManagedPythonInstallPolicy,
  type KtxRunReport,
  listKtxRuns,
  loadKtxProject,
  localIngestAdapterOptions,
  readKtxRun,
  runLocalScan,
} from '@kaelio/ktx';
import { CliError } from './errors.js';
import type { CliIo } from './io.js';
import { managedDaemonOptions } from './managed-runtime.js';
import { printResult, printWarnings } from './output.js';
import { endProgress, progressOn } from './progress.js';
import { renderReport, renderRuns, renderScan } from './scan-view.js';
import { styleOf } from './style.js';

/** The source that scans record their runs under. */
const SCAN_SOURCE = 'live-database';

/** Arguments of the group; `projectDir` is absolute. */
export type KtxScanArgs =
  | {
      command: 'run';
      projectDir: string;
      connectionId: string;
      mode: 'structural';
      detectRelationships: boolean;
      dryRun: boolean;
      databaseIntrospectionUrl?: string;
      cliVersion?: string;
      runtimeInstallPolicy?: KtxManagedPythonInstallPolicy;
      json?: true;
    }
  | { command: 'status'; projectDir: string; runId?: string; json?: true }
  | { command: 'report'; projectDir: string; runId: string; json?: true };

type RunArgs = Extract<KtxScanArgs, { command: 'run' }>;

/** What the group calls of the addon. */
export interface KtxScanDeps {
  loadKtxProject?: typeof loadKtxProject;
  runLocalScan?: typeof runLocalScan;
  listKtxRuns?: typeof listKtxRuns;
  readKtxRun?: typeof readKtxRun;
}

/** Runs one command of the group. */
export async function runKtxScan(args: KtxScanArgs, io: CliIo, deps: KtxScanDeps = {}): Promise<number> {
  const project = await (deps.loadKtxProject ?? loadKtxProject)({ projectDir: args.projectDir });
  printWarnings(io, project.warnings);
  if (args.command === 'run') await scan(args, io, deps);
  else if (args.runId === undefined) await list(args, io, deps);
  else await report(args, args.runId, io, deps);
  return 0;
}

async function scan(args: RunArgs, io: CliIo, deps: KtxScanDeps): Promise<void> {
  const progress = progressOn(io);
  const result = await (deps.runLocalScan ?? runLocalScan)({
    projectDir: args.projectDir,
    connectionId: args.connectionId,
    dryRun: args.dryRun,
    ...introspectionOptions(args, io),
    onProgress: ({ message, done, total }) =>
      progress(done === undefined || total === undefined ? message : `${message} (${done}/${total})`),
    ...(io.signal === undefined ? {} : { signal: io.signal }),
  });
  endProgress(io);
  printWarnings(io, result.report.warnings);
  await printResult(io, args.json, result, () => renderScan(result.report, styleOf(io)));
}

/** Through which daemon the schema is read; the routing is the addon's, asking and progress are ours. */
export function introspectionOptions(args: RunArgs, io: CliIo) {
  const { databaseIntrospectionUrl, managedDaemon } = localIngestAdapterOptions(args, io);
  return {
    ...(databaseIntrospectionUrl === undefined ? {} : { databaseIntrospectionUrl }),
    ...(managedDaemon === undefined ? {} : { managedDaemon: managedDaemonOptions(managedDaemon, io) }),
  };
}

async function list(args: KtxScanArgs, io: CliIo, deps: KtxScanDeps): Promise<void> {
  const { projectDir, json } = args;
  const runs = await (deps.listKtxRuns ?? listKtxRuns)({ projectDir, source: SCAN_SOURCE, limit: 20 });
  await printResult(io, json, { runs }, () => renderRuns(runs, styleOf(io)));
}

async function report(args: Exclude<KtxScanArgs, RunArgs>, runId: string, io: CliIo, deps: KtxScanDeps): Promise<void> {
  const run = await (deps.readKtxRun ?? readKtxRun)({ projectDir: args.projectDir, runId });
  refuseOtherSource(run);
  await printResult(io, args.json, run, () => renderReport(run, { complete: args.command === 'report' }, styleOf(io)));
}

// Runs of other sources share the store, and have commands of their own.
function refuseOtherSource(run: KtxRunReport): void {
  if (run.source === SCAN_SOURCE) return;
  throw new CliError('KTX_RUN_UNKNOWN', `Run ${run.runId} is no scan but a run of ${run.source}`);
}
