/** Options for the managed runtime and its daemon, with prompts and progress on the terminal. */

import type {
  KtxManagedPythonInstallPolicy,
  KtxRuntimeFeature,
  ManagedPythonCommandRuntime,
  ManagedPythonCoreDaemonOptions,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { type CliIo, callOptions, isInteractive } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { confirm } from '../terminal/prompts.js';

/** Version of the runtime, and whether it may be installed. */
export interface RuntimeRequest {
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
}

/** Creates the options of the managed daemon, which is started by the first request. */
export function managedDaemonOptions(request: RuntimeRequest, io: CliIo): ManagedPythonCoreDaemonOptions {
  const progress = createProgress(io);
  return {
    cliVersion: request.cliVersion,
    installPolicy: request.installPolicy,
    io,
    // `runtime status` and `runtime start` print the URL; the other commands are not about the daemon.
    announceDaemon: false,
    onProgress: ({ message }) => progress(message),
    ...confirmationOf(io),
  };
}

/** Without a terminal there is no callback: the error then says that the runtime is required, not that it was declined. */
function confirmationOf(io: CliIo): Pick<ManagedPythonCoreDaemonOptions, 'confirmInstall'> {
  if (io.confirmInstall !== undefined) return { confirmInstall: io.confirmInstall };
  return isInteractive(io) ? { confirmInstall: (question) => confirm(io, question) } : {};
}

/** Like {@link managedDaemonOptions}, without messages on `stderr`: for calls whose messages would be repeated. */
export function silentDaemonOptions(request: RuntimeRequest, io: CliIo): ManagedPythonCoreDaemonOptions {
  return managedDaemonOptions(request, { ...io, stderr: { write: () => true } });
}

/** Installs a feature if it is missing and the install policy allows it. */
export async function ensureRuntime(
  { feature, ...request }: RuntimeRequest & { feature: KtxRuntimeFeature },
  io: CliIo,
  calls: Pick<typeof addon, 'ensureManagedPythonCommandRuntime'> = addon,
): Promise<ManagedPythonCommandRuntime> {
  try {
    return await calls.ensureManagedPythonCommandRuntime({
      ...managedDaemonOptions(request, io),
      feature,
      ...callOptions(io),
    });
  } finally {
    endProgress(io);
  }
}
