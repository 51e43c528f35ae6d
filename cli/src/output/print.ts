/** Printing of results, warnings and failures. */

import { statSync } from 'node:fs';
import { inspect } from 'node:util';
import { describeFailure, type Failure, logKindOf } from '../errors.js';
import { packageVersion } from '../package-info.js';
import { type CliIo, environmentOf } from '../terminal/io.js';
import { PLAIN, type Style, styleOf } from '../terminal/style.js';
import { type OutputOptions, type Rows, renderRows } from './formats.js';
import { renderTable } from './table.js';

/** Prints a result to `stdout`: one JSON document, or the rendered text. */
export async function printResult(
  io: CliIo,
  json: boolean | undefined,
  result: unknown,
  render: () => string | Promise<string>,
): Promise<void> {
  io.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : await render());
}

/** A table with the texts around it, as people read it. */
export interface TableView extends Rows {
  /** Lines above the table; not part of CSV, TSV and Markdown. */
  title?: string;
  /** Lines below the table; on `stderr` for CSV, TSV and Markdown. */
  notes?: string;
  /** Text in place of a table without rows. */
  empty?: string;
}

/** Prints a table to `stdout`, in the format that is asked for; `result` is its JSON. */
export async function printTable(
  io: CliIo,
  { json, format }: OutputOptions,
  result: unknown,
  view: (style: Style) => TableView,
): Promise<void> {
  if (json || format === undefined) return printResult(io, json, result, () => renderTableView(view(styleOf(io)), io));
  const { columns, rows, notes = '' } = view(PLAIN);
  const named = columns.map((column) => ({ ...column, title: column.title.toLowerCase() }));
  io.stdout.write(await renderRows(format, { columns: named, rows }, io));
  io.stderr.write(notes);
}

async function renderTableView(
  { title = '', columns, rows, notes = '', empty }: TableView,
  io: CliIo,
): Promise<string> {
  if (rows.length === 0 && empty !== undefined) return `${title}${empty}${notes}`;
  const cells = rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? '' : String(cell))));
  return `${title}${await renderTable(columns, cells, styleOf(io))}${notes}`;
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
