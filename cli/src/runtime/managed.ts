/** How commands come to the managed runtime and its daemon: asking and showing progress on the way. */

import type {
  InstallManagedPythonRuntimeResult,
  KtxManagedPythonInstallPolicy,
  KtxRuntimeFeature,
  ManagedPythonCommandRuntime,
  ManagedPythonCoreDaemonOptions,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { type CliIo, isInteractive } from '../terminal/io.js';
import { endProgress, progressOn } from '../terminal/progress.js';
import { confirm } from '../terminal/prompts.js';

/** What an installation is asked for. */
export interface InstallRequest {
  cliVersion: string;
  features: KtxRuntimeFeature[];
  force: boolean;
}

/** Installs the runtime and shows the installer's phases. */
export async function installWithProgress(
  request: InstallRequest,
  io: CliIo,
  install = addon.installManagedPythonRuntime,
): Promise<InstallManagedPythonRuntimeResult> {
  const progress = progressOn(io);
  try {
    return await install({
      ...request,
      onProgress: ({ message }) => progress(message),
      ...(io.signal === undefined ? {} : { signal: io.signal }),
    });
  } finally {
    endProgress(io);
  }
}

/** Makes sure that a feature is installed, as the flags of the command allow. */
export function ensureRuntime(
  options: { cliVersion: string; installPolicy: KtxManagedPythonInstallPolicy; feature: KtxRuntimeFeature },
  io: CliIo,
): Promise<ManagedPythonCommandRuntime> {
  endProgress(io);
  return addon.ensureManagedPythonCommandRuntime({
    ...options,
    io,
    installsNatively: true,
    installRuntime: (request) => installWithProgress(request, io),
    // Without a terminal nobody can be asked, which is another answer than no.
    ...(isInteractive(io) ? { confirmInstall: (question: string) => confirm(io, question) } : {}),
  });
}

/** Options that bring a request to the managed daemon; nothing happens before the first request. */
export function managedDaemonOptions(
  options: { cliVersion: string; installPolicy: KtxManagedPythonInstallPolicy },
  io: CliIo,
): ManagedPythonCoreDaemonOptions {
  return {
    cliVersion: options.cliVersion,
    installPolicy: options.installPolicy,
    io,
    ensureRuntime: ({ cliVersion, installPolicy, feature }) =>
      ensureRuntime({ cliVersion, installPolicy, feature }, io),
  };
}
