/** Printing of results, warnings and failures. */

import { statSync } from 'node:fs';
import { inspect } from 'node:util';
import { describeFailure, type Failure, logKindOf } from '../errors.js';
import { packageVersion } from '../package-info.js';
import { type CliIo, environmentOf } from '../terminal/io.js';
import { styleOf } from '../terminal/style.js';

/** Prints a result to `stdout`: one JSON document, or the rendered text. */
export async function printResult(
  io: CliIo,
  json: boolean | undefined,
  result: unknown,
  render: () => string | Promise<string>,
): Promise<void> {
  io.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : await render());
}

/** Prints warnings to `stderr`, one per line. */
export function printWarnings(io: CliIo, warnings: readonly string[]): void {
  const style = styleOf(io, io.stderr);
  for (const warning of warnings) io.stderr.write(`${style.yellow('Warning:')} ${warning}\n`);
}

/** Prints a failure and its next step to `stderr`, and with `json` also one JSON document to `stdout`. */
export async function printFailure(io: CliIo, json: boolean, error: unknown): Promise<void> {
  const failure = describeFailure(error);
  if (json) {
    const { code, message, next: hint } = failure;
    io.stdout.write(`${JSON.stringify({ error: { code, message, hint } }, null, 2)}\n`);
  }
  const style = styleOf(io, io.stderr);
  io.stderr.write(`${style.red('Error:')} ${failure.message}\n`);
  if (failure.next !== undefined) io.stderr.write(`${style.bold('Next:')} ${failure.next}\n`);
  const log = await findLogPath(failure);
  if (log !== undefined) io.stderr.write(`${style.bold('Log:')} ${log}\n`);
  if (environmentOf(io).KTX_DEBUG === '1') io.stderr.write(`${inspect(error)}\n`);
}

/** Path of the log with details, unless it is empty or the message names it already. */
async function findLogPath(failure: Failure): Promise<string | undefined> {
  const kind = logKindOf(failure.code);
  if (kind === undefined) return undefined;
  try {
    const { managedPythonRuntimeLayout } = await import('@kaelio/ktx');
    const layout = managedPythonRuntimeLayout({ cliVersion: packageVersion() });
    const path = kind === 'install' ? layout.installLogPath : layout.daemonStderrPath;
    const isEmpty = !statSync(path, { throwIfNoEntry: false })?.size;
    return isEmpty || failure.message.includes(path) ? undefined : path;
  } catch {
    // An error here must not hide the failure itself.
    return undefined;
  }
}
