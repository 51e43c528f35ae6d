/** Command lines that pages show, to be copied to a shell. */

import type { KtxTableColumns } from '@kaelio/ktx';
import { isShellSafe } from '../../../cli/src/output/shell.js';

/** Joins words to a command, each quoted for POSIX shells: names of a database must not run commands. */
export function commandLine(...words: string[]): string {
  return words.map((word) => (isShellSafe(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/** A command in an environment of the project: without its name, it would read the connections of another one. */
export function inEnvironment(command: string, environment: string | null): string {
  if (environment === null) return command;
  return command.replace(/^ktx(?= )/, () => commandLine('ktx', '--env', environment));
}

/** Columns as an argument of `ktx relationships`, and as text: `table.column`, or `table(column, column)`. */
export function columnsText({ table, columns }: KtxTableColumns): string {
  const [only = ''] = columns;
  const list = columns.map(quoteColumn).join(', ');
  return columns.length === 1 && !only.includes('.') ? `${table}.${list}` : `${table}(${list})`;
}

/** Quotes are needed only around characters that separate columns. */
function quoteColumn(name: string): string {
  return /[,()"`[\]]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** The command that answers a proposed key or relationship. */
export function answerCommand(
  answer: 'accept' | 'reject',
  connectionId: string,
  { from, to }: { from: KtxTableColumns; to?: KtxTableColumns | undefined },
): string {
  const columns = (to === undefined ? [from] : [from, to]).map(columnsText);
  // A name that begins with a dash would be a flag.
  const end = columns.some((text) => text.startsWith('-')) ? ['--'] : [];
  return commandLine('ktx', 'relationships', answer, `--connection-id=${connectionId}`, ...end, ...columns);
}

/** The command that reads a connection: a scan of a database, or an ingest of another tool by its driver. */
export function readCommand(connectionId: string, driver: string, isDatabase: boolean): string {
  if (isDatabase) return commandLine('ktx', 'scan', connectionId);
  return commandLine('ktx', 'ingest', 'run', '--connection-id', connectionId, '--adapter', driver);
}
