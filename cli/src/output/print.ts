/** How results and failures leave the command line. */

import { statSync } from 'node:fs';
import { inspect } from 'node:util';
import { describeFailure, type Failure, hasLog } from '../errors.js';
import { packageVersion } from '../package-info.js';
import { type CliIo, environmentOf } from '../terminal/io.js';
import { styleOf } from '../terminal/style.js';

/** Prints a result: the one JSON document, or text for people. */
export async function printResult(
  io: CliIo,
  json: boolean | undefined,
  result: unknown,
  render: () => string | Promise<string>,
): Promise<void> {
  io.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : await render());
}

/** Prints oddities that do not stop the work. */
export function printWarnings(io: CliIo, warnings: readonly string[]): void {
  const style = styleOf(io, io.stderr);
  for (const warning of warnings) io.stderr.write(`${style.change('Warning:')} ${warning}\n`);
}

/** Prints a failure: a sentence and the next step for people, and the JSON document where one was asked for. */
export async function printFailure(io: CliIo, json: boolean, error: unknown): Promise<void> {
  const failure = describeFailure(error);
  if (json) {
    const { code, message, next: hint } = failure;
    io.stdout.write(`${JSON.stringify({ error: { code, message, hint } }, null, 2)}\n`);
  }
  const style = styleOf(io, io.stderr);
  io.stderr.write(`${style.bad('Error:')} ${failure.message}\n`);
  if (failure.next !== undefined) io.stderr.write(`${style.bold('Next:')} ${failure.next}\n`);
  const log = await logPath(failure);
  if (log !== undefined) io.stderr.write(`${style.bold('Log:')} ${log}\n`);
  if (environmentOf(io).KTX_DEBUG === '1') io.stderr.write(`${inspect(error)}\n`);
}

async function logPath(failure: Failure): Promise<string | undefined> {
  const log = hasLog(failure.code);
  if (log === undefined) return undefined;
  try {
    const { managedPythonRuntimeLayout } = await import('@kaelio/ktx');
    const layout = managedPythonRuntimeLayout({ cliVersion: packageVersion() });
    const path = log === 'install' ? layout.installLogPath : layout.daemonStderrPath;
    const isEmpty = !statSync(path, { throwIfNoEntry: false })?.size;
    return isEmpty || failure.message.includes(path) ? undefined : path;
  } catch {
    // The failure itself matters more than where its log would be.
    return undefined;
  }
}
