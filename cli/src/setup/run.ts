/** Runs `ktx setup demo`: scan, analyses and a semantic query on a sample warehouse. */

import type { KtxManagedPythonInstallPolicy, KtxProject, LocalScanRunResult } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { printResult, printWarnings } from '../output/print.js';
import { ensureRuntime, managedDaemonOptions, silentDaemonOptions } from '../runtime/managed.js';
import { scanViews } from '../scan/view.js';
import { type CliIo, callOptions, workingDirOf } from '../terminal/io.js';
import { createProgress, endProgress, type Progress } from '../terminal/progress.js';
import { styleOf } from '../terminal/style.js';
import { type AnalysedQueries, analyseQueries, type ResolvedLookerTable, resolveLookerTables } from './analysis.js';
import type { DemoCalls } from './calls.js';
import type { GuidedSetupArgs } from './guided/run.js';
import { DEMO_CONNECTION, openDemoProject, prepareDemoProject } from './project.js';
import { askDemoQuestion, type DemoAnswer } from './question.js';
import { SETUP_SCAN } from './scan-options.js';
import { renderAnalysis, renderAnswer, renderIntroduction, renderNextSteps } from './view.js';

/** Arguments of `ktx setup demo`; `projectDir` is absolute. */
export interface DemoArgs {
  command: 'demo';
  projectDir: string;
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
  json?: true;
}

/** Arguments of the group. */
export type KtxSetupArgs = DemoArgs | GuidedSetupArgs;

/** Result of the demo. */
export interface DemoResult extends DemoAnswer {
  projectDir: string;
  scan: LocalScanRunResult;
  lookerTables: ResolvedLookerTable[];
  queries: AnalysedQueries;
}

/** Runs one command of the group. */
export async function runKtxSetup(args: KtxSetupArgs, io: CliIo): Promise<number> {
  return args.command === 'demo' ? runDemoSetup(args, io) : (await import('./guided/run.js')).runGuidedSetup(args, io);
}

/** Sets up the demo project, or runs the demo again on an existing one. */
export async function runDemoSetup(args: DemoArgs, io: CliIo, deps: Partial<DemoCalls> = {}): Promise<number> {
  const calls: DemoCalls = { ...addon, ...deps };
  await checkPreconditions(args, calls);
  await ensureRuntime({ cliVersion: args.cliVersion, installPolicy: args.installPolicy, feature: 'core' }, io, calls);
  const project = await prepareDemoProject(args.projectDir, calls);
  printWarnings(io, project.warnings);
  const result = await runDemo(args, project, io, calls);
  endProgress(io);
  await printResult(io, args.json, result, () => render(result, io));
  return 0;
}

/** Checks what could fail later, before anything is installed or written. */
async function checkPreconditions(args: DemoArgs, calls: DemoCalls): Promise<void> {
  calls.lookerTableIdentifierRoute({});
  calls.sqlAnalysisRoute({});
  await openDemoProject(args.projectDir, calls);
}

async function runDemo(args: DemoArgs, project: KtxProject, io: CliIo, calls: DemoCalls): Promise<DemoResult> {
  const progress = createProgress(io);
  const { projectDir } = project;
  const scan = await calls.runLocalScan({
    projectDir,
    connectionId: DEMO_CONNECTION,
    ...SETUP_SCAN,
    managedDaemon: managedDaemonOptions(args, io),
    onProgress: (step) => progress(step.message, step),
    ...callOptions(io),
    environment: '',
  });
  const silent = silentDaemonOptions(args, io);
  const analysis = await analyse(silent, progress, io, calls);
  const options = {
    projectDir,
    connectionId: DEMO_CONNECTION,
    managedDaemon: silent,
    ...callOptions(io),
    environment: '',
  };
  return { projectDir, scan, ...analysis, ...(await askDemoQuestion(options, progress, calls)) };
}

async function analyse(
  managedDaemon: addon.ManagedPythonCoreDaemonOptions,
  progress: Progress,
  io: CliIo,
  calls: DemoCalls,
) {
  io.signal?.throwIfAborted();
  progress('Resolving Looker table names');
  const lookerTables = await resolveLookerTables(managedDaemon, calls);
  io.signal?.throwIfAborted();
  progress('Analysing warehouse queries');
  const queries = await analyseQueries(managedDaemon, calls);
  io.signal?.throwIfAborted();
  return { lookerTables, queries };
}

async function render(result: DemoResult, io: CliIo): Promise<string> {
  const style = styleOf(io);
  return [
    renderIntroduction(result.projectDir, style),
    await scanViews.renderRun(result.scan.report, style),
    await renderAnalysis(result, style),
    await renderAnswer(result, io),
    await renderNextSteps(result.projectDir, workingDirOf(io), style),
  ].join('\n');
}
