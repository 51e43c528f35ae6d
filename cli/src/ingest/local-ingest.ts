/** Local ingest as the commands call it: adapters made for one run, and the run itself. */

import type {
  KtxCliIo,
  KtxLocalIngestAdapterOptions,
  KtxManagedPythonInstallPolicy,
  KtxProject,
  KtxRunProgress,
  LocalScanRunResult,
  ManagedPythonCoreDaemonOptions,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { managedDaemonOptions } from '../runtime/managed.js';
import { type CallOptions, type CliIo, callOptions } from '../terminal/io.js';
import { endProgress, progressOn } from '../terminal/progress.js';

/** What pulls one source. A host may bring its own: the commands hand adapters on and read nothing of them. */
export interface LocalIngestAdapter {
  source: string;
}

/** Makes the adapters of a project. Nothing is installed, started or connected by that. */
export type CreateLocalIngestAdapters = (
  project: KtxProject,
  options: KtxLocalIngestAdapterOptions,
) => LocalIngestAdapter[];

/** What every run is given: how to ask about trust, where progress goes, and the options of the call. */
interface RunOptions extends CallOptions {
  trust?: 'always';
  /** Asks whether the project may use the secrets that it refers to. */
  confirmTrust?: (question: string) => Promise<boolean>;
  onProgress: (progress: KtxRunProgress) => void;
}

/** What an ingest is run with. */
export interface RunLocalIngestOptions extends RunOptions {
  project: KtxProject;
  adapters: LocalIngestAdapter[];
  adapter: string;
  connectionId: string;
  sourceDir?: string;
  trigger: string;
  jobId: string;
  /** The very object that the adapters were made with. */
  pullConfigOptions?: KtxLocalIngestAdapterOptions;
}

/** Runs an ingest; its result is printed as it is with `--json`, and read by `reportOf` for people. */
export type RunLocalIngest = (options: RunLocalIngestOptions) => Promise<object>;

/** What a scan is run with: the addon reads where the project is and how to reach its databases. */
export interface RunLocalScanOptions extends RunOptions {
  project: KtxProject;
  projectDir: string;
  connectionId: string;
  mode: 'structural';
  detectRelationships: boolean;
  dryRun: boolean;
  trigger: 'cli' | 'mcp';
  adapters: LocalIngestAdapter[];
  databaseIntrospectionUrl?: string;
  managedDaemon?: ManagedPythonCoreDaemonOptions;
}

/** Runs a scan. */
export type RunLocalScan = (options: RunLocalScanOptions) => Promise<LocalScanRunResult>;

/** What a run tells adapters of its command: a daemon's URL, or the managed runtime that it may use. */
export interface DaemonArgs {
  databaseIntrospectionUrl?: string | undefined;
  cliVersion?: string | undefined;
  runtimeInstallPolicy?: KtxManagedPythonInstallPolicy | undefined;
}

/** Options of adapters: the URL if there is one, else the managed daemon where version and policy are known. */
export function adapterOptions(args: DaemonArgs, io: KtxCliIo): KtxLocalIngestAdapterOptions {
  const { databaseIntrospectionUrl, cliVersion, runtimeInstallPolicy: installPolicy } = args;
  if (databaseIntrospectionUrl) return { databaseIntrospectionUrl };
  if (cliVersion === undefined || installPolicy === undefined) return {};
  return { managedDaemon: { cliVersion, installPolicy, io } };
}

/** The adapters of the addon, which ask and show progress where the runtime has to be installed. */
export const createKtxCliLocalIngestAdapters: CreateLocalIngestAdapters = (project, options) =>
  addon.createLocalIngestAdapters(project, withTerminal(options));

/** The addon's ingest, likewise. */
export const runKtxCliLocalIngest: RunLocalIngest = ({ adapters, pullConfigOptions, ...options }) =>
  addon.runLocalIngest({
    ...options,
    adapters: ownAdapters(adapters),
    ...(pullConfigOptions === undefined ? {} : { pullConfigOptions: withTerminal(pullConfigOptions) }),
  });

/** The addon's scan, which finds in its adapters how to reach the daemon, else in the options themselves. */
export const runKtxCliLocalScan: RunLocalScan = ({ adapters, ...options }) =>
  addon.runLocalScan({ ...options, adapters: ownAdapters(adapters) });

/** Those that the addon made; a host's own mean nothing to it. */
function ownAdapters(adapters: LocalIngestAdapter[]): addon.KtxLocalIngestAdapter[] {
  return adapters.filter((adapter): adapter is addon.KtxLocalIngestAdapter => 'options' in adapter);
}

/** The same options with a managed daemon that asks and shows progress on the terminal of its `io`. */
export function withTerminal(options: KtxLocalIngestAdapterOptions) {
  const { managedDaemon, ...rest } = options;
  if (managedDaemon === undefined) return rest;
  return { ...rest, managedDaemon: managedDaemonOptions(managedDaemon, managedDaemon.io) };
}

/** Options of a run that follow from its surroundings: progress, interruption and request id. */
export function watchedBy(io: CliIo): CallOptions & { onProgress: (progress: KtxRunProgress) => void } {
  const progress = progressOn(io);
  return { onProgress: (step) => progress(step.message, step), ...callOptions(io) };
}

/** Runs something that shows progress, which is gone when it is over. */
export async function whileWatched<T>(io: CliIo, run: (watch: ReturnType<typeof watchedBy>) => Promise<T>): Promise<T> {
  try {
    return await run(watchedBy(io));
  } finally {
    endProgress(io);
  }
}
