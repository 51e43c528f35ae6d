/** What every step of the guided setup shares. */

import type { KtxManagedPythonInstallPolicy } from '@kaelio/ktx';
import { type TrustFlag, trustOptions } from '../../flags/trust.js';
import { printWarnings } from '../../output/print.js';
import { managedDaemonOptions } from '../../runtime/managed.js';
import { type CliIo, callOptions, isInteractive } from '../../terminal/io.js';
import { endProgress } from '../../terminal/progress.js';
import { styleOf } from '../../terminal/style.js';
import type { GuidedCalls } from './calls.js';

/** The runtime of an invocation, its answers of the user, and its streams. */
export interface Session extends TrustFlag {
  /** Absolute. */
  projectDir: string;
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
  /** Whether questions are answered by their defaults. */
  yes: boolean;
  io: CliIo;
  calls: GuidedCalls;
  /** Warnings that were printed. */
  warnings: Set<string>;
}

/** Whether the user can and wants to be asked. */
export function asks({ io, yes, installPolicy }: Session): boolean {
  return isInteractive(io) && !yes && installPolicy !== 'never';
}

/** Options of the addon for a connection. */
export function connectionOptions(session: Session, connectionId: string) {
  const { projectDir, io } = session;
  return {
    projectDir,
    connectionId,
    managedDaemon: managedDaemonOptions(session, io),
    ...trustOptions(session, io),
    ...callOptions(io),
  };
}

/** Prints the warnings of a step; those of an earlier one are not repeated. */
export function printNewWarnings({ io, warnings }: Session, found: readonly string[]): void {
  const added = found.filter((warning) => !warnings.has(warning));
  for (const warning of added) warnings.add(warning);
  printWarnings(io, added);
}

/** Prints a finished step to `stderr`. */
export function printStep({ io }: Session, title: string, detail: string): void {
  endProgress(io);
  const style = styleOf(io, io.stderr);
  io.stderr.write(`${style.green('Done:')} ${title}  ${style.dim(detail)}\n`);
}
