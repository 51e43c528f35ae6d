/** Text of a file or of standard input. */

import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../errors.js';
import { type CliIo, workingDirOf } from './io.js';

/** The name of standard input in place of a file. */
export const STDIN = '-';

/** Maximum bytes; a longer text is not a statement or a query. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a file, or standard input for `-`, as UTF-8. Errors: it is not UTF-8 or too large; those of reading. */
export async function readTextInput(file: string, io: CliIo): Promise<string> {
  const name = nameOfInput(file);
  const chunks = file === STDIN ? standardInput(io) : createReadStream(resolve(workingDirOf(io), file));
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    parts.push(Buffer.from(chunk));
    bytes += parts.at(-1)?.length ?? 0;
    if (bytes > MAX_BYTES) throw new CliError('KTX_ARGUMENT_INVALID', `${name} has more than 16 MiB`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch {
    throw new CliError('KTX_ARGUMENT_INVALID', `${name} is not UTF-8 text`, 'Save it as UTF-8');
  }
}

/** The name of an input in messages. */
export function nameOfInput(file: string): string {
  return file === STDIN ? 'The standard input' : file;
}

function standardInput({ stdin }: CliIo): AsyncIterable<Buffer | string> | [] {
  return stdin?.[Symbol.asyncIterator] === undefined ? [] : (stdin as AsyncIterable<Buffer | string>);
}
