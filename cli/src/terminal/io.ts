/** What a command reads from and writes to; the process by default, strings in tests. */

import type { KtxCliIo } from '@kaelio/ktx';
import { CliError } from '../errors.js';
import type { StatusLine } from './status-line.js';

/**
 * Streams and surroundings of one call of the command line.
 *
 * It is a {@link KtxCliIo} with more, so that it can be handed to the addon as it is. Results go to `stdout`,
 * everything else to `stderr`.
 */
export interface CliIo extends KtxCliIo {
  stdout: KtxCliIo['stdout'] & { columns?: number };
  stderr: KtxCliIo['stderr'] & { isTTY?: boolean };
  /** Where answers to prompts come from; without it nothing is asked. */
  stdin?: { isTTY?: boolean };
  /** Folder that relative paths start from; default: the process's. */
  cwd?: string;
  /** Replaces the process environment for `NO_COLOR` and `KTX_DEBUG`. */
  env?: Record<string, string | undefined>;
  /** Aborted when the user interrupts. */
  signal?: AbortSignal;
  /** Aborted when the reader of `stdout` has closed it. */
  outputClosed?: AbortSignal;
  /** Id of this call in the logs and in the sessions of databases: 1 to 48 letters, digits, `.`, `_` or `-`. */
  requestId?: string;
  /** Present on a terminal only. */
  status?: StatusLine;
}

/** The environment that the command line itself reads. */
export function environmentOf(io: CliIo): Record<string, string | undefined> {
  return io.env ?? process.env;
}

/** The folder that relative paths of the command line start from. */
export function workingDirOf(io: CliIo): string {
  if (io.cwd !== undefined) return io.cwd;
  try {
    return process.cwd();
  } catch {
    const next = 'Change to a folder that exists, then run the command again';
    throw new CliError('KTX_FILE_IO', 'The working folder is gone', next);
  }
}

/** Options of the addon that follow from the surroundings of a call: what ends it early, and its id. */
export function callOptions({ signal, requestId }: CallOptions): CallOptions {
  return { ...(signal === undefined ? {} : { signal }), ...(requestId === undefined ? {} : { requestId }) };
}

/** See {@link callOptions}. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Id of the call in the logs and in the sessions of databases. */
  requestId?: string;
}

/** Whether a person sits there to answer: prompts are drawn on `stderr`, so that `stdout` may be a pipe. */
export function isInteractive(io: CliIo): boolean {
  return io.stdin?.isTTY === true && io.stderr.isTTY === true;
}
