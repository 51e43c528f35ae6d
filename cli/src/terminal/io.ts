/** Streams, signals and environment of a command: those of the process by default, strings in tests. */

import type { Readable, Writable } from 'node:stream';
import type { KtxCliIo } from '@kaelio/ktx';
import { CliError } from '../errors.js';
import type { StatusLine } from './status-line.js';

/**
 * Streams, signals and environment of one invocation.
 *
 * Extends {@link KtxCliIo}, so that the addon accepts it. Results go to `stdout`, everything else to `stderr`.
 */
export interface CliIo extends KtxCliIo {
  stdout: KtxCliIo['stdout'] & { columns?: number };
  stderr: KtxCliIo['stderr'] & { isTTY?: boolean };
  /** Input of prompts, and of commands that read `-`; without a terminal here nothing is asked. */
  stdin?: { isTTY?: boolean } & Partial<AsyncIterable<Uint8Array | string>>;
  /** Streams that prompts read keys from and draw on; default: `stdin` and `stderr` of the process. */
  terminal?: { input: Readable; output: Writable };
  /** Environment of `ktx.yaml` that `--env` selects. */
  environment?: string;
  /** Folder that relative paths are resolved against; default: the working folder of the process. */
  cwd?: string;
  /** Confirms the installation of the managed runtime in place of a prompt on the terminal. */
  confirmInstall?: (question: string) => boolean;
  /** Replaces the process environment for `NO_COLOR` and `KTX_DEBUG`. */
  env?: Record<string, string | undefined>;
  /** Aborted when the user interrupts. */
  signal?: AbortSignal;
  /** Aborted when the reader of `stdout` has closed it. */
  outputClosed?: AbortSignal;
  /** Id of this call in the logs and in the sessions of databases: 1 to 48 letters, digits, `.`, `_` or `-`. */
  requestId?: string;
  /** Status line; present on a terminal only. */
  status?: StatusLine;
}

/** Environment variables that the command line reads. */
export function environmentOf(io: CliIo): Record<string, string | undefined> {
  return io.env ?? process.env;
}

/** Folder that relative paths of arguments are resolved against. */
export function workingDirOf(io: CliIo): string {
  if (io.cwd !== undefined) return io.cwd;
  try {
    return process.cwd();
  } catch {
    const next = 'Change to a folder that exists, then run the command again';
    throw new CliError('KTX_FILE_IO', 'The working folder no longer exists', next);
  }
}

/** Options of the addon that cancel a call and identify it. */
export function callOptions({ signal, requestId, environment }: CallOptions): CallOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(requestId === undefined ? {} : { requestId }),
    ...environmentOption({ environment }),
  };
}

/** The option of the addon that selects an environment; without it, `KTX_ENV` does. */
export function environmentOption({ environment }: { environment?: string | undefined }): { environment?: string } {
  return environment === undefined ? {} : { environment };
}

/** Options of a call of the addon. */
export interface CallOptions {
  signal?: AbortSignal;
  /** Id of the call in the logs and in the sessions of databases. */
  requestId?: string;
  /** Environment of `ktx.yaml`. */
  environment?: string;
}

/** Whether prompts can be answered. They are drawn on `stderr`, so that `stdout` may be a pipe. */
export function isInteractive(io: CliIo): boolean {
  return io.stdin?.isTTY === true && io.stderr.isTTY === true;
}
