/** From an error to what the user reads: one sentence, what to do next, where the log is. */

import type { KtxErrorCode } from '@kaelio/ktx';

/** Codes that a failure of the command line can have: those of the addon, and the user's own interruption. */
export type CliErrorCode = KtxErrorCode | 'KTX_INTERRUPTED';

/** Exit code of an interrupted call. */
export const EXIT_INTERRUPTED = 130;

/** A failure that the command line itself found; `next` is the next step as the user would do it. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly code: CliErrorCode,
    message: string,
    readonly next?: string,
  ) {
    super(message);
  }
}

/** The user pressed Ctrl-C or ended the process; the reason of the signal that is aborted then. */
export class InterruptedError extends CliError {
  constructor() {
    super('KTX_INTERRUPTED', 'Interrupted');
  }
}

/** A failure as it is printed. */
export interface Failure {
  code: CliErrorCode;
  message: string;
  next: string | undefined;
}

/** Next steps for failures of the command line's own process, which have no code of the addon. */
const REPORT_BUG = 'Run the command again with KTX_DEBUG=1 and report what it prints';
const CHECK_PATH = 'Check the permissions of that path and the space on its disk';
const OPEN_MORE_FILES = 'Let this process open more files: ulimit -n 1024';

function isOwnCode(code: unknown): code is CliErrorCode {
  return typeof code === 'string' && code.startsWith('KTX_');
}

/** Reads an error of any origin; one without a code of ours is a bug of ours, or the operating system's answer. */
export function describeFailure(error: unknown): Failure {
  const { code, hint, message } =
    error instanceof Error ? (error as Error & { code?: unknown; hint?: unknown }) : { message: String(error) };
  if (error instanceof CliError) return { code: error.code, message, next: error.next };
  if (isOwnCode(code)) return { code, message, next: typeof hint === 'string' ? hint : undefined };
  if (code === 'EMFILE' || code === 'ENFILE') return { code: 'KTX_LIMIT_REACHED', message, next: OPEN_MORE_FILES };
  if (error instanceof Error && 'syscall' in error) return { code: 'KTX_FILE_IO', message, next: CHECK_PATH };
  return { code: 'KTX_INTERNAL', message: `Unexpected failure: ${message}`, next: REPORT_BUG };
}

/** Whether the daemon or the installer may have logged more about a failure than its message says. */
export function hasLog(code: CliErrorCode): 'daemon' | 'install' | undefined {
  if (code === 'KTX_RUNTIME_INSTALL_FAILED') return 'install';
  const atDaemon = code.startsWith('KTX_HTTP_') && code !== 'KTX_HTTP_URL_INVALID';
  return atDaemon || code === 'KTX_DAEMON_START_FAILED' || code === 'KTX_CONNECTION_FAILED' ? 'daemon' : undefined;
}
