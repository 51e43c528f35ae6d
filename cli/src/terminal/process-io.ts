/** `CliIo` of the process: its streams and signals, and detection of closed streams. */

import { EXIT_INTERRUPTED, InterruptedError } from '../errors.js';
import { newRequestId } from '../log.js';
import { escapeControlsExceptColours } from '../output/control-characters.js';
import type { CliIo } from './io.js';
import { StatusLine } from './status-line.js';

/** The part of the process that is used; tests may replace it. */
export type ProcessHost = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env' | 'on' | 'exit' | 'exitCode'>;

/** The `CliIo` of the process, and its end. */
export interface ProcessIo {
  io: CliIo;
  /** Sets the exit code of the process, which ends when its event loop is empty. */
  setExitCode(code: number): void;
}

/** Creates the `CliIo` of the process and installs its handlers; call it once. */
export function createProcessIo(host: ProcessHost = process): ProcessIo {
  // A closed stderr is not a failure: messages are discarded.
  createClosedSignal(host.stderr);
  const { reportWriteError, setExitCode } = createExitStatus(host);
  const status = host.stderr.isTTY && host.env.TERM !== 'dumb' ? new StatusLine(host.stderr) : undefined;
  const io: CliIo = {
    requestId: newRequestId(),
    stdout: wrapStream(host.stdout, status),
    stderr: wrapStream(host.stderr, status),
    // Lazy: opening it takes 4 ms, and most commands do not prompt.
    get stdin() {
      return host.stdin;
    },
    signal: createInterruptionSignal(host),
    outputClosed: createClosedSignal(host.stdout, reportWriteError),
    ...(status === undefined ? {} : { status }),
  };
  return { io, setExitCode };
}

/** Escapes control characters on a terminal, since names and errors of databases may have any. */
function wrapStream(target: NodeJS.WriteStream, status: StatusLine | undefined) {
  const write = (chunk: string) => target.write(target.isTTY ? escapeControlsExceptColours(chunk) : chunk);
  return {
    isTTY: target.isTTY,
    // The window may be resized while the command runs.
    get columns() {
      return target.columns;
    },
    write: (chunk: string) => (status === undefined ? write(chunk) : status.suspend(() => write(chunk))),
  };
}

/** Creates a signal that the first interruption aborts; the second one exits without waiting for cleanup. */
function createInterruptionSignal(host: ProcessHost): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) host.exit(EXIT_INTERRUPTED);
    controller.abort(new InterruptedError());
  };
  host.on('SIGINT', interrupt);
  host.on('SIGTERM', interrupt);
  // The terminal was closed: children in process groups of their own would keep running otherwise.
  host.on('SIGHUP', interrupt);
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

/** Creates the functions that decide the exit code: 1 if results could not be written, even if the command succeeds. */
function createExitStatus(host: ProcessHost) {
  let hasWriteError = false;
  /** Reports the first error, such as that of a full disk. */
  const reportWriteError = (error: Error) => {
    if (hasWriteError) return;
    hasWriteError = true;
    host.stderr.write(`Error: Cannot write to standard output: ${error.message}\n`);
    host.stderr.write(
      'Next: Check the target of the redirection and the free space there, then run the command again\n',
    );
    host.exitCode = 1;
  };
  const setExitCode = (code: number) => {
    host.exitCode = hasWriteError ? 1 : code;
  };
  return { reportWriteError, setExitCode };
}
