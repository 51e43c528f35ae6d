/** The managed runtime and its daemon, with questions and progress on the terminal. */

import type {
  KtxManagedPythonInstallPolicy,
  KtxRuntimeFeature,
  ManagedPythonCommandRuntime,
  ManagedPythonCoreDaemonOptions,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { type CliIo, callOptions, isInteractive } from '../terminal/io.js';
import { endProgress, progressOn } from '../terminal/progress.js';
import { confirm } from '../terminal/prompts.js';

/** Which runtime, and whether it may be installed. */
export interface RuntimeRequest {
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
}

/** Options that bring a request to the managed daemon; nothing happens before the first request. */
export function managedDaemonOptions(request: RuntimeRequest, io: CliIo): ManagedPythonCoreDaemonOptions {
  const progress = progressOn(io);
  return {
    cliVersion: request.cliVersion,
    installPolicy: request.installPolicy,
    io,
    onProgress: ({ message }) => progress(message),
    // Without a terminal the addon says what is required, in place of a refusal that no person gave.
    ...(isInteractive(io) ? { confirmInstall: (question: string) => confirm(io, question) } : {}),
  };
}

/** Makes sure that a feature is installed, as the flags of the command allow. */
export async function ensureRuntime(
  { feature, ...request }: RuntimeRequest & { feature: KtxRuntimeFeature },
  io: CliIo,
): Promise<ManagedPythonCommandRuntime> {
  try {
    return await addon.ensureManagedPythonCommandRuntime({
      ...managedDaemonOptions(request, io),
      feature,
      ...callOptions(io),
    });
  } finally {
    endProgress(io);
  }
}
