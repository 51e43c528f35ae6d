/** `ktx setup demo`: the main job on a sample warehouse, with no server and no key. */

import {
  type KtxManagedPythonInstallPolicy,
  type KtxProject,
  type LocalScanRunResult,
  lookerTableIdentifierRoute,
  type ManagedPythonCoreDaemonOptions,
  runLocalScan,
  sqlAnalysisRoute,
} from '@kaelio/ktx';
import { printResult, printWarnings } from '../output/print.js';
import { ensureRuntime, managedDaemonOptions } from '../runtime/managed.js';
import { renderScan } from '../scan/view.js';
import { type CliIo, callOptions, workingDirOf } from '../terminal/io.js';
import { endProgress, type Progress, progressOn } from '../terminal/progress.js';
import { styleOf } from '../terminal/style.js';
import { type AnalysedQueries, analyseQueries, type ResolvedLookerTable, resolveLookerTables } from './analysis.js';
import { DEMO_CONNECTION, openDemoProject, prepareDemoProject } from './project.js';
import { askDemoQuestion, type DemoAnswer } from './question.js';
import { renderAnalysis, renderAnswer, renderIntroduction, renderNextSteps } from './view.js';

/** Arguments of the group; `projectDir` is absolute. */
export interface KtxSetupArgs {
  command: 'demo';
  projectDir: string;
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
  json?: true;
}

/** What the demonstration found out. */
export interface DemoResult extends DemoAnswer {
  projectDir: string;
  scan: LocalScanRunResult;
  lookerTables: ResolvedLookerTable[];
  queries: AnalysedQueries;
}

/** Sets the demonstration up, or looks at it again. */
export async function runKtxSetup(args: KtxSetupArgs, io: CliIo): Promise<number> {
  await refuseBeforeChanges(args);
  await ensureRuntime({ cliVersion: args.cliVersion, installPolicy: args.installPolicy, feature: 'core' }, io);
  const project = await prepareDemoProject(args.projectDir);
  printWarnings(io, project.warnings);
  const result = await demonstrate(args, project, io);
  endProgress(io);
  await printResult(io, args.json, result, () => render(result, io));
  return 0;
}

/** Finds what would stop the demonstration half-way, while nothing has been installed or written yet. */
async function refuseBeforeChanges(args: KtxSetupArgs): Promise<void> {
  lookerTableIdentifierRoute({});
  sqlAnalysisRoute({});
  await openDemoProject(args.projectDir);
}

async function demonstrate(args: KtxSetupArgs, project: KtxProject, io: CliIo): Promise<DemoResult> {
  const progress = progressOn(io);
  const { projectDir } = project;
  const scan = await runLocalScan({
    projectDir,
    connectionId: DEMO_CONNECTION,
    managedDaemon: managedDaemonOptions(args, io),
    onProgress: (step) => progress(step.message, step),
    ...callOptions(io),
  });
  const analysis = await analyse(args, progress, io);
  return { projectDir, scan, ...analysis, ...(await ask(projectDir, args, progress, io)) };
}

/** The scan has printed which daemon is used; each port would print it again. */
function silentDaemon(args: KtxSetupArgs, io: CliIo): ManagedPythonCoreDaemonOptions {
  return managedDaemonOptions(args, { ...io, stderr: { write: () => true } });
}

function ask(projectDir: string, args: KtxSetupArgs, progress: Progress, io: CliIo): Promise<DemoAnswer> {
  const managedDaemon = silentDaemon(args, io);
  return askDemoQuestion({ projectDir, connectionId: DEMO_CONNECTION, managedDaemon, ...callOptions(io) }, progress);
}

async function analyse(args: KtxSetupArgs, progress: Progress, io: CliIo) {
  const managedDaemon = silentDaemon(args, io);
  io.signal?.throwIfAborted();
  progress('Resolving Looker table names');
  const lookerTables = await resolveLookerTables(managedDaemon);
  io.signal?.throwIfAborted();
  progress('Analysing warehouse queries');
  const queries = await analyseQueries(managedDaemon);
  io.signal?.throwIfAborted();
  return { lookerTables, queries };
}

async function render(result: DemoResult, io: CliIo): Promise<string> {
  const style = styleOf(io);
  return [
    renderIntroduction(result.projectDir, style),
    await renderScan(result.scan.report, style),
    await renderAnalysis(result, style),
    await renderAnswer(result, io),
    await renderNextSteps(result.projectDir, workingDirOf(io), style),
  ].join('\n');
}
