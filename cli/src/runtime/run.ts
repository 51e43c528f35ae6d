/** Runs `ktx runtime …`. */

import { release } from 'node:os';
import type { KtxManagedPythonInstallPolicy, KtxRuntimeFeature } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { CliError } from '../errors.js';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printTable } from '../output/print.js';
import { type CliIo, callOptions } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { styleOf } from '../terminal/style.js';
import { showLogs } from './logs.js';
import { ensureRuntime } from './managed.js';
import * as view from './view.js';

interface CommonArgs {
  cliVersion: string;
  json?: true;
}

/** File of a bundle and the project that it describes; absolute paths. */
interface BundleArgs {
  file: string;
  projectDir?: string;
}

interface FeatureArgs extends CommonArgs {
  feature: KtxRuntimeFeature;
  force: boolean;
}

/** Arguments of the group. */
export type KtxRuntimeArgs =
  | ({ command: 'install' } & FeatureArgs)
  | ({ command: 'status' } & CommonArgs)
  | ({ command: 'doctor'; bundle?: BundleArgs } & CommonArgs & OutputOptions)
  | ({ command: 'start'; installPolicy: KtxManagedPythonInstallPolicy } & FeatureArgs)
  | ({ command: 'stop'; all: boolean } & CommonArgs & OutputOptions)
  | { command: 'logs'; cliVersion: string; follow: boolean }
  | ({ command: 'prune'; dryRun: boolean; yes: boolean } & CommonArgs);

type ArgsOf<Name extends KtxRuntimeArgs['command']> = Extract<KtxRuntimeArgs, { command: Name }>;

/** Functions of the addon that the group calls; tests may replace them. */
export type KtxRuntimeDeps = Pick<
  typeof addon,
  | 'doctorManagedPythonRuntime'
  | 'installManagedPythonRuntime'
  | 'managedPythonRuntimeLayout'
  | 'pruneManagedPythonRuntimes'
  | 'readManagedPythonDaemonStatus'
  | 'readManagedPythonRuntimeStatus'
  | 'startManagedPythonDaemon'
  | 'stopAllManagedPythonDaemons'
  | 'stopManagedPythonDaemon'
  | 'writeKtxDiagnosticBundle'
>;

/** Runs one command of the group. */
export async function runKtxRuntime(
  args: KtxRuntimeArgs,
  io: CliIo,
  overrides: Partial<KtxRuntimeDeps> = {},
): Promise<number> {
  const deps = { ...addon, ...overrides };
  switch (args.command) {
    case 'install':
      return install(args, io, deps);
    case 'status':
      return status(args, io, deps);
    case 'doctor':
      return args.bundle === undefined ? doctor(args, io, deps) : writeBundle(args, args.bundle, io, deps);
    case 'start':
      return start(args, io, deps);
    case 'stop':
      return args.all ? stopAll(args, io, deps) : stop(args, io, deps);
    case 'logs':
      return logs(args, io, deps);
    case 'prune':
      return prune(args, io, deps);
  }
}

async function install(args: ArgsOf<'install'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const { cliVersion, feature, force } = args;
  const progress = createProgress(io);
  const onProgress = ({ message }: addon.RuntimeInstallProgress) => progress(message);
  const { signal } = callOptions(io);
  const result = await deps.installManagedPythonRuntime({
    cliVersion,
    features: [feature],
    force,
    onProgress,
    ...(signal && { signal }),
  });
  endProgress(io);
  await printResult(io, args.json, result, () => view.renderInstall(result, styleOf(io)));
  return 0;
}

async function status({ cliVersion, json }: ArgsOf<'status'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const runtime = await deps.readManagedPythonRuntimeStatus({ cliVersion });
  const daemonStatus = await deps.readManagedPythonDaemonStatus({ cliVersion });
  const { layout, ...daemon } = daemonStatus;
  await printResult(io, json, { ...runtime, daemon }, () => view.renderStatus(runtime, daemonStatus, styleOf(io)));
  return 0;
}

async function doctor(args: ArgsOf<'doctor'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const checks = await deps.doctorManagedPythonRuntime({ cliVersion: args.cliVersion });
  const ok = checks.every((check) => check.status === 'pass');
  if (args.format === undefined) {
    await printResult(io, args.json, { ok, checks }, () => view.renderChecks(checks, styleOf(io)));
  } else await printTable(io, args, checks, () => view.checksTable(checks));
  return ok ? 0 : 1;
}

async function writeBundle(
  args: ArgsOf<'doctor'>,
  bundle: BundleArgs,
  io: CliIo,
  deps: KtxRuntimeDeps,
): Promise<number> {
  const host = { node: process.version, os: release() };
  const written = await deps.writeKtxDiagnosticBundle({ cliVersion: args.cliVersion, ...bundle, host });
  await printTable(io, args, written, (style) => view.bundleTable(written, style));
  return 0;
}

async function start(args: ArgsOf<'start'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const { cliVersion, installPolicy, feature, force } = args;
  await ensureRuntime({ cliVersion, installPolicy, feature }, io);
  const progress = createProgress(io);
  progress('Starting the daemon');
  const result = await deps.startManagedPythonDaemon({
    cliVersion,
    features: [feature],
    force,
    onProgress: ({ message }) => progress(message),
    ...callOptions(io),
  });
  endProgress(io);
  const { status, baseUrl, state } = result;
  await printResult(io, args.json, { status, baseUrl, state }, () => view.renderStart(result, styleOf(io)));
  return 0;
}

async function stop(args: ArgsOf<'stop'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const progress = createProgress(io);
  const { status, state, layout } = await deps.stopManagedPythonDaemon({
    cliVersion: args.cliVersion,
    onProgress: ({ message }) => progress(message),
  });
  endProgress(io);
  const result = { status, ...(state && { state }) };
  if (args.format === undefined) await printResult(io, args.json, result, () => view.renderStop(status, state));
  else {
    const stopped = { status, ...(state && { pid: state.pid }), versionDir: layout.versionDir };
    await printTable(io, args, result, () => view.stoppedTable([stopped]));
  }
  return 0;
}

async function stopAll(args: ArgsOf<'stop'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const progress = createProgress(io);
  const daemons = await deps.stopAllManagedPythonDaemons({
    cliVersion: args.cliVersion,
    onProgress: ({ message }) => progress(message),
  });
  endProgress(io);
  await printTable(io, args, { daemons }, () => view.stoppedTable(daemons));
  return 0;
}

function logs({ cliVersion, follow }: ArgsOf<'logs'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const { daemonStdoutPath, daemonStderrPath } = deps.managedPythonRuntimeLayout({ cliVersion });
  return showLogs([daemonStdoutPath, daemonStderrPath], follow, io);
}

async function prune(args: ArgsOf<'prune'>, io: CliIo, deps: KtxRuntimeDeps): Promise<number> {
  const { cliVersion, dryRun, yes, json } = args;
  if (!dryRun && !yes) {
    const message = 'Refusing to prune without --yes. Preview with: ktx runtime prune --dry-run';
    throw new CliError('KTX_ARGUMENT_INVALID', message);
  }
  const { runtimeRoot } = deps.managedPythonRuntimeLayout({ cliVersion });
  const result = await deps.pruneManagedPythonRuntimes({ cliVersion, runtimeRoot, dryRun });
  await printResult(io, json, { ...result, dryRun }, () => view.renderPrune(result, dryRun));
  return 0;
}
