/** Local ingest for the commands: creation of adapters, and runs of ingests and scans. */

import type {
  KtxCliIo,
  KtxLocalIngestAdapterOptions,
  KtxManagedPythonInstallPolicy,
  KtxProject,
  KtxRunProgress,
  KtxScanMode,
  LocalScanRunResult,
  ManagedPythonCoreDaemonOptions,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { InterruptedError } from '../errors.js';
import { managedDaemonOptions } from '../runtime/managed.js';
import { type CallOptions, type CliIo, callOptions } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';

const RUN_IS_COMPLETE = 'The run is complete; the next run or search goes on with the embeddings';

/** An adapter of one source. A host may pass its own: the commands forward adapters without reading them. */
export interface LocalIngestAdapter {
  source: string;
}

/** Creates the adapters of a project, without installing, starting or connecting anything. */
export type CreateLocalIngestAdapters = (
  project: KtxProject,
  options: KtxLocalIngestAdapterOptions,
) => LocalIngestAdapter[];

/** Options that scans and ingests share. */
interface RunOptions extends CallOptions {
  trust?: 'always';
  /** Prompts whether the project may use the secrets that it refers to. */
  confirmTrust?: (question: string) => Promise<boolean>;
  onProgress: (progress: KtxRunProgress) => void;
}

/** Options of an ingest. */
export interface RunLocalIngestOptions extends RunOptions {
  project: KtxProject;
  adapters: LocalIngestAdapter[];
  adapter: string;
  connectionId: string;
  sourceDir?: string;
  trigger: string;
  jobId: string;
  /** The same object that the adapters were created with, by identity. */
  pullConfigOptions?: KtxLocalIngestAdapterOptions;
}

/** Runs an ingest. `--json` prints its result unchanged; `reportOf` reads it for text output. */
export type RunLocalIngest = (options: RunLocalIngestOptions) => Promise<object>;

/** Options of a scan. */
export interface RunLocalScanOptions extends RunOptions {
  project: KtxProject;
  projectDir: string;
  connectionId: string;
  mode: KtxScanMode;
  detectRelationships: boolean;
  dryRun: boolean;
  trigger: 'cli' | 'mcp';
  adapters: LocalIngestAdapter[];
  databaseIntrospectionUrl?: string;
  managedDaemon?: ManagedPythonCoreDaemonOptions;
}

/** Runs a scan. */
export type RunLocalScan = (options: RunLocalScanOptions) => Promise<LocalScanRunResult>;

/** Arguments of a command that select the daemon: a URL, or the managed runtime. */
export interface DaemonArgs {
  databaseIntrospectionUrl?: string | undefined;
  cliVersion?: string | undefined;
  runtimeInstallPolicy?: KtxManagedPythonInstallPolicy | undefined;
}

/** Options of adapters: the URL if it is set, else the managed daemon if version and policy are set. */
export function adapterOptions(args: DaemonArgs, io: KtxCliIo): KtxLocalIngestAdapterOptions {
  const { databaseIntrospectionUrl, cliVersion, runtimeInstallPolicy: installPolicy } = args;
  if (databaseIntrospectionUrl) return { databaseIntrospectionUrl };
  if (cliVersion === undefined || installPolicy === undefined) return {};
  return { managedDaemon: { cliVersion, installPolicy, io } };
}

/** Creates the adapters of the addon, with prompts and progress for the installation of the runtime. */
export const createKtxCliLocalIngestAdapters: CreateLocalIngestAdapters = (project, options) =>
  addon.createLocalIngestAdapters(project, withTerminal(options));

/** Runs the ingest of the addon, with the same prompts and progress. */
export const runKtxCliLocalIngest: RunLocalIngest = ({ adapters, pullConfigOptions, ...options }) =>
  addon.runLocalIngest({
    ...options,
    adapters: selectAddonAdapters(adapters),
    ...(pullConfigOptions === undefined ? {} : { pullConfigOptions: withTerminal(pullConfigOptions) }),
  });

/** Runs the scan of the addon, which takes the daemon from its adapters, else from the options. */
export const runKtxCliLocalScan: RunLocalScan = ({ adapters, ...options }) =>
  addon.runLocalScan({ ...options, adapters: selectAddonAdapters(adapters) });

/** Selects the adapters that the addon created; it cannot use those of a host. */
function selectAddonAdapters(adapters: LocalIngestAdapter[]): addon.KtxLocalIngestAdapter[] {
  return adapters.filter((adapter): adapter is addon.KtxLocalIngestAdapter => 'options' in adapter);
}

/** Adds prompts and progress on the terminal of its `io` to the managed daemon. */
export function withTerminal(options: KtxLocalIngestAdapterOptions) {
  const { managedDaemon, ...rest } = options;
  if (managedDaemon === undefined) return rest;
  return { ...rest, managedDaemon: managedDaemonOptions(managedDaemon, managedDaemon.io) };
}

/** Options of a run that depend on the invocation: progress, cancellation and request id. */
export function runCallbacks(io: CliIo): CallOptions & { onProgress: (progress: KtxRunProgress) => void } {
  const progress = createProgress(io);
  return { onProgress: (step) => progress(step.message, step), ...callOptions(io) };
}

/**
 * Calls `run` with a progress callback, and erases the progress at the end. An interruption after the run is complete says
 * so: only embeddings are missing then.
 */
export async function runWithProgress<T>(
  io: CliIo,
  run: (callbacks: ReturnType<typeof runCallbacks>) => Promise<T>,
): Promise<T> {
  const { onProgress, ...options } = runCallbacks(io);
  let isComplete = false;
  const report = (step: KtxRunProgress) => {
    isComplete = step.phase === 'embed';
    onProgress(step);
  };
  try {
    return await run({ ...options, onProgress: report });
  } catch (error) {
    throw isComplete && io.signal?.aborted ? new InterruptedError(RUN_IS_COMPLETE) : error;
  } finally {
    endProgress(io);
  }
}
