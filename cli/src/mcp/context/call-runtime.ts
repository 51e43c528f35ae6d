/** The managed runtime of one call, whose client may be asked for its installation. */

import type { KtxLocalIngestAdapterOptions, KtxProject } from '@kaelio/ktx';
import type { LocalIngestAdapter } from '../../ingest/local-ingest.js';
import { ensureRuntime } from '../../runtime/managed.js';
import { type KtxMcpCall, optionsOf } from '../call.js';
import type { KtxMcpContextOptions } from '../context-tools.js';

type LocalIngest = KtxMcpContextOptions['localIngest'];

/** Options that select the daemon of a call, with a confirmation by its client. */
export function callDaemonOptions(
  { pullConfigOptions = {} }: LocalIngest,
  { confirmInstall }: KtxMcpCall,
): KtxLocalIngestAdapterOptions {
  const { managedDaemon } = pullConfigOptions;
  if (managedDaemon === undefined || confirmInstall === undefined) return pullConfigOptions;
  const io = { ...managedDaemon.io, confirmInstall };
  return { ...pullConfigOptions, managedDaemon: { ...managedDaemon, io } };
}

/**
 * Ensures the runtime before a run of a connection starts, if the client can be asked: a run that ended with the question
 * would be recorded as failed. An unknown connection is left to the run, which reports it.
 */
export async function ensureRuntimeOfRun(
  { connections }: KtxProject,
  localIngest: LocalIngest,
  connectionId: string,
  call: KtxMcpCall,
): Promise<void> {
  const { managedDaemon } = callDaemonOptions(localIngest, call);
  if (managedDaemon === undefined || call.confirmInstall === undefined) return;
  if (!connections.some(({ id }) => id === connectionId)) return;
  const { io, ...request } = managedDaemon;
  await ensureRuntime({ ...request, feature: 'core' }, { ...io, ...optionsOf(call) });
}

/** Asks the client of a call for the installation that its run needs, if there is anything to ask. */
export async function askForRuntimeOfRun(
  project: KtxProject,
  localIngest: LocalIngest,
  connectionId: string,
  call: KtxMcpCall,
): Promise<void> {
  // Other policies ask nothing, and one installs.
  if (localIngest.pullConfigOptions?.managedDaemon?.installPolicy !== 'prompt') return;
  await ensureRuntimeOfRun(project, localIngest, connectionId, call);
}

/** Adapters of a call and the options that they were created with, which belong together. */
export function callAdapters(
  localIngest: LocalIngest,
  call: KtxMcpCall,
): { adapters: LocalIngestAdapter[]; pullConfigOptions?: KtxLocalIngestAdapterOptions } {
  const { adapters, pullConfigOptions, createAdapters } = localIngest;
  if (createAdapters === undefined || call.confirmInstall === undefined) {
    return { adapters, ...(pullConfigOptions === undefined ? {} : { pullConfigOptions }) };
  }
  const options = callDaemonOptions(localIngest, call);
  return { adapters: createAdapters(options), pullConfigOptions: options };
}
