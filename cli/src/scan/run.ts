/** Runs `ktx scan …`. */

import {
  type KtxManagedPythonInstallPolicy,
  type KtxRunReport,
  type KtxScanMode,
  loadKtxProject,
  pruneKtxScans,
} from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import { CliError } from '../errors.js';
import { type TrustFlag, trustOptions } from '../flags/trust.js';
import {
  adapterOptions,
  type CreateLocalIngestAdapters,
  createKtxCliLocalIngestAdapters,
  type RunLocalScan,
  runKtxCliLocalScan,
  runWithProgress,
  withTerminal,
} from '../ingest/local-ingest.js';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printWarnings } from '../output/print.js';
import type { RunQuery } from '../runs/query.js';
import { reportOf } from '../runs/result.js';
import { type RunStoreDeps, showRun, showRuns } from '../runs/run.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { styleOf } from '../terminal/style.js';
import { renderPrune, scanViews } from './view.js';

/** The source that scans record their runs under. */
export const SCAN_SOURCE = 'live-database';

/** Arguments of the group; `projectDir` is absolute. */
export type KtxScanArgs =
  | ({
      command: 'run';
      projectDir: string;
      /** Default: the only database of the project. */
      connectionId?: string;
      mode: KtxScanMode;
      detectRelationships: boolean;
      dryRun: boolean;
      databaseIntrospectionUrl?: string | undefined;
      cliVersion?: string | undefined;
      runtimeInstallPolicy?: KtxManagedPythonInstallPolicy | undefined;
      json?: true;
    } & TrustFlag)
  | {
      command: 'prune';
      projectDir: string;
      /** Default: all connections of the project. */
      connectionId?: string;
      /** Number of scans that each environment of a connection keeps. */
      keep: number;
      dryRun: boolean;
      yes: boolean;
      json?: true;
    }
  | (RunQuery & OutputOptions);

type RunArgs = Extract<KtxScanArgs, { command: 'run' }>;
type PruneArgs = Extract<KtxScanArgs, { command: 'prune' }>;

/** Functions that the group calls; hosts and tests may replace each. */
export interface KtxScanDeps extends RunStoreDeps {
  loadKtxProject?: typeof loadKtxProject;
  createLocalIngestAdapters?: CreateLocalIngestAdapters;
  runLocalScan?: RunLocalScan;
  pruneKtxScans?: typeof pruneKtxScans;
}

/** Runs one command of the group; resolves with the exit code and rejects on failure. */
export async function runKtxScan(args: KtxScanArgs, io: CliIo, deps: KtxScanDeps = {}): Promise<number> {
  const project = await (deps.loadKtxProject ?? loadKtxProject)({
    projectDir: args.projectDir,
    ...environmentOption(io),
  });
  printWarnings(io, project.warnings);
  if (args.command === 'run') await scan(args, project, io, deps);
  else if (args.command === 'prune') await prune(args, io, deps);
  else {
    const { command, projectDir, runId, all, ...output } = args;
    const request = { projectDir, source: SCAN_SOURCE, all, output };
    if (runId === undefined) await showRuns(request, io, deps, scanViews);
    else await showRun({ ...request, command, runId }, io, deps, scanViews, requireScanRun);
  }
  return 0;
}

async function scan(
  args: RunArgs,
  project: Awaited<ReturnType<typeof loadKtxProject>>,
  io: CliIo,
  deps: KtxScanDeps,
): Promise<void> {
  const { mode, detectRelationships, dryRun } = args;
  const connectionId = args.connectionId ?? findOnlyDatabase(project, 'ID');
  const options = adapterOptions(args, io);
  const adapters = (deps.createLocalIngestAdapters ?? createKtxCliLocalIngestAdapters)(project, options);
  const result = await runWithProgress(io, (callbacks) =>
    (deps.runLocalScan ?? runKtxCliLocalScan)({
      project,
      projectDir: args.projectDir,
      connectionId,
      mode,
      detectRelationships,
      dryRun,
      trigger: 'cli',
      adapters,
      ...withTerminal(options),
      ...trustOptions(args, io),
      ...callbacks,
    }),
  );
  const report = reportOf(result, { connectionId, source: SCAN_SOURCE });
  printWarnings(io, report.warnings);
  await printResult(io, args.json, result, () => scanViews.renderRun(report, styleOf(io)));
}

async function prune(args: PruneArgs, io: CliIo, deps: KtxScanDeps): Promise<void> {
  const { projectDir, connectionId, keep, dryRun, yes, json } = args;
  if (!dryRun && !yes) {
    const message = `Refusing to prune without --yes. Preview with: ktx scan prune --keep ${keep} --dry-run`;
    throw new CliError('KTX_ARGUMENT_INVALID', message);
  }
  const pruned = await (deps.pruneKtxScans ?? pruneKtxScans)({
    projectDir,
    ...(connectionId === undefined ? {} : { connectionId }),
    keep,
    dryRun,
    ...environmentOption(io),
  });
  await printResult(io, json, { ...pruned, dryRun }, () => renderPrune(pruned, dryRun));
}

/** Rejects runs of other sources, which share the store but have other commands. */
function requireScanRun(run: KtxRunReport): void {
  if (run.source === SCAN_SOURCE) return;
  const message = `Run ${run.runId} is a ${run.source} run, not a scan`;
  throw new CliError('KTX_RUN_UNKNOWN', message, `Show it with: ktx ingest report ${run.runId}`);
}
