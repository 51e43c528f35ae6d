/** The managed runtime of one call, whose client may be asked for its installation. */

import type { KtxLocalIngestAdapterOptions } from '@kaelio/ktx';
import type { LocalIngestAdapter } from '../../ingest/local-ingest.js';
import type { KtxMcpCall } from '../call.js';
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
