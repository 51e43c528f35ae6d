/** The process as the surroundings of a call: its streams, its signals, and streams that are closed. */

import { EXIT_INTERRUPTED, InterruptedError } from '../errors.js';
import { newRequestId } from '../log.js';
import type { CliIo } from './io.js';
import { StatusLine } from './status-line.js';

/** Wires the process; call it once. */
export function createProcessIo(): CliIo {
  // A closed stderr is no failure: messages are discarded.
  closedSignal(process.stderr);
  const status = process.stderr.isTTY && process.env.TERM !== 'dumb' ? new StatusLine(process.stderr) : undefined;
  return {
    requestId: newRequestId(),
    stdout: stream(process.stdout, status),
    stderr: stream(process.stderr, status),
    // To open it takes 4 ms, and most commands ask nothing.
    get stdin() {
      return process.stdin;
    },
    signal: interruptionSignal(),
    outputClosed: closedSignal(process.stdout, reportLostOutput),
    ...(status === undefined ? {} : { status }),
  };
}

function stream(target: NodeJS.WriteStream, status: StatusLine | undefined) {
  return {
    isTTY: target.isTTY,
    columns: target.columns,
    write: (chunk: string) => (status === undefined ? target.write(chunk) : status.around(() => target.write(chunk))),
  };
}

/** Aborted by the first interruption; the second one does not wait for anything to be cleaned up. */
function interruptionSignal(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort(new InterruptedError());
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // The terminal was closed: what runs in a process group of its own would otherwise go on.
  process.on('SIGHUP', interrupt);
  return controller.signal;
}

/** Aborted when the reader of a stream is gone, as `head` is after its last line; that is no failure. */
function closedSignal(target: NodeJS.WriteStream, onFailure: (error: Error) => void = () => {}): AbortSignal {
  const controller = new AbortController();
  target.on('error', (error: NodeJS.ErrnoException) => {
    // EPIPE: the reader is gone. EIO: the terminal is gone.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') onFailure(error);
    controller.abort();
  });
  return controller.signal;
}

/** Reports that results could not be written, as on a full disk; the exit code is 1 even if the call succeeds. */
function reportLostOutput(error: NodeJS.ErrnoException): void {
  if (lostOutput) return;
  lostOutput = true;
  process.stderr.write(`Error: Cannot write to standard output: ${error.message}\n`);
  process.stderr.write('Next: Check where it is redirected to and the space there, then run the command again\n');
  process.exitCode = 1;
}

let lostOutput = false;

/** Ends the process, as soon as nothing is left to do, with the exit code of its call. */
export function exitWith(code: number): void {
  process.exitCode = lostOutput ? 1 : code;
}
