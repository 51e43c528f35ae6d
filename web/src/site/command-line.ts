/** Command lines that pages show, to be copied to a shell. */

import type { KtxTableColumns } from '@kaelio/ktx';
import { quoteForShell, type Shell } from '../../../cli/src/output/shell.js';
import { formatColumns } from '../../../cli/src/relationships/columns-text.js';

/** A command as the words that its program gets. */
export type CommandWords = readonly string[];

/** The words of a command in an environment of the project: without its name, it would read other connections. */
export function inEnvironment(words: CommandWords, environment: string | null): CommandWords {
  const [program = '', ...rest] = words;
  return environment === null || program !== 'ktx' ? words : [program, '--env', environment, ...rest];
}

/** The command for a shell, with quotes where names of a database could run other commands. */
export function commandText(words: CommandWords, shell: Shell): string {
  return words.map((word) => quoteForShell(word, shell)).join(' ');
}

/** The command that answers a proposed key or relationship. */
export function answerCommand(
  answer: 'accept' | 'reject',
  connectionId: string,
  { from, to }: { from: KtxTableColumns; to?: KtxTableColumns | undefined },
): CommandWords {
  const columns = (to === undefined ? [from] : [from, to]).map(formatColumns);
  // A name that begins with a dash would be a flag.
  const end = columns.some((text) => text.startsWith('-')) ? ['--'] : [];
  return ['ktx', 'relationships', answer, `--connection-id=${connectionId}`, ...end, ...columns];
}

/** The command that reads a connection: a scan of a database, or an ingest of another tool by its driver. */
export function readCommand(connectionId: string, driver: string, isDatabase: boolean): CommandWords {
  if (isDatabase) return ['ktx', 'scan', connectionId];
  return ['ktx', 'ingest', 'run', '--connection-id', connectionId, '--adapter', driver];
}
