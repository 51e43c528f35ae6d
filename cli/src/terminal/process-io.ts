/** `CliIo` of the process: its streams and signals, and detection of closed streams. */

import { EXIT_INTERRUPTED, InterruptedError } from '../errors.js';
import { newRequestId } from '../log.js';
import { escapeControlsExceptColours } from '../output/control-characters.js';
import type { CliIo } from './io.js';
import { StatusLine } from './status-line.js';

/** Creates the `CliIo` of the process and installs its handlers; call it once. */
export function createProcessIo(): CliIo {
  // A closed stderr is not a failure: messages are discarded.
  createClosedSignal(process.stderr);
  const status = process.stderr.isTTY && process.env.TERM !== 'dumb' ? new StatusLine(process.stderr) : undefined;
  return {
    requestId: newRequestId(),
    stdout: wrapStream(process.stdout, status),
    stderr: wrapStream(process.stderr, status),
    // Lazy: opening it takes 4 ms, and most commands do not prompt.
    get stdin() {
      return process.stdin;
    },
    signal: createInterruptionSignal(),
    outputClosed: createClosedSignal(process.stdout, reportWriteError),
    ...(status === undefined ? {} : { status }),
  };
}

/** Escapes control characters on a terminal, since names and errors of databases may have any. */
function wrapStream(target: NodeJS.WriteStream, status: StatusLine | undefined) {
  const write = (chunk: string) => target.write(target.isTTY ? escapeControlsExceptColours(chunk) : chunk);
  return {
    isTTY: target.isTTY,
    columns: target.columns,
    write: (chunk: string) => (status === undefined ? write(chunk) : status.suspend(() => write(chunk))),
  };
}

/** Creates a signal that the first interruption aborts; the second one exits without waiting for cleanup. */
function createInterruptionSignal(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort(new InterruptedError());
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // The terminal was closed: children in process groups of their own would keep running otherwise.
  process.on('SIGHUP', interrupt);
  return controller.signal;
}

/** Creates a signal that is aborted when the reader closes the stream, as `head` does; that is not a failure. */
function createClosedSignal(target: NodeJS.WriteStream, onFailure: (error: Error) => void = () => {}): AbortSignal {
  const controller = new AbortController();
  target.on('error', (error: NodeJS.ErrnoException) => {
    // EPIPE: the reader has closed the pipe. EIO: the terminal was closed.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') onFailure(error);
    controller.abort();
  });
  return controller.signal;
}

/** Reports that results could not be written, as on a full disk; the exit code is 1 even if the command succeeds. */
function reportWriteError(error: NodeJS.ErrnoException): void {
  if (hasWriteError) return;
  hasWriteError = true;
  process.stderr.write(`Error: Cannot write to standard output: ${error.message}\n`);
  process.stderr.write(
    'Next: Check the target of the redirection and the free space there, then run the command again\n',
  );
  process.exitCode = 1;
}

let hasWriteError = false;

/** Sets the exit code of the process, which ends when its event loop is empty. */
export function setExitCode(code: number): void {
  process.exitCode = hasWriteError ? 1 : code;
}
