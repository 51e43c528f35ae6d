/** Errors of the command line, and the code, message and next step that a failure is printed with. */

import type { KtxErrorCode } from '@kaelio/ktx';

/** Error codes of the command line: those of the addon, and the interruption by the user. */
export type CliErrorCode = KtxErrorCode | 'KTX_INTERRUPTED';

/** Exit code of an interrupted command: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** An error of the command line itself; `next` is the next step for the user. */
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

/** Interruption by Ctrl-C or a signal; the abort reason of `CliIo.signal`. */
export class InterruptedError extends CliError {
  constructor(next?: string) {
    super('KTX_INTERRUPTED', 'Interrupted', next);
  }
}

/** Fields of a failure that are printed. */
export interface Failure {
  code: CliErrorCode;
  message: string;
  next: string | undefined;
}

/** Next steps for errors without a code of the addon. */
const REPORT_BUG = 'Run the command again with KTX_DEBUG=1 and report what it prints';
const CHECK_PATH = 'Check the permissions of that path and the space on its disk';
const OPEN_MORE_FILES = 'Let this process open more files: ulimit -n 1024';

function isKtxCode(code: unknown): code is CliErrorCode {
  return typeof code === 'string' && code.startsWith('KTX_');
}

/** Whether an error says that a folder is no project, nor below one. */
export function isProjectMissing(error: unknown): boolean {
  return describeFailure(error).code === 'KTX_PROJECT_MISSING';
}

/** Describes an error of any origin; without a `KTX_` code it is an error of the operating system or a bug. */
export function describeFailure(error: unknown): Failure {
  const { code, hint, message } =
    error instanceof Error ? (error as Error & { code?: unknown; hint?: unknown }) : { message: String(error) };
  if (error instanceof CliError) return { code: error.code, message, next: error.next };
  if (isKtxCode(code)) return { code, message, next: typeof hint === 'string' ? hint : undefined };
  if (code === 'EMFILE' || code === 'ENFILE') return { code: 'KTX_LIMIT_REACHED', message, next: OPEN_MORE_FILES };
  if (error instanceof Error && 'syscall' in error) return { code: 'KTX_FILE_IO', message, next: CHECK_PATH };
  return { code: 'KTX_INTERNAL', message: `Unexpected failure: ${message}`, next: REPORT_BUG };
}

/** The log that may have more details of a failure, by the error code. */
export function logKindOf(code: CliErrorCode): 'daemon' | 'install' | undefined {
  if (code === 'KTX_RUNTIME_INSTALL_FAILED') return 'install';
  const isRequestError = code.startsWith('KTX_HTTP_') && code !== 'KTX_HTTP_URL_INVALID';
  return isRequestError || code === 'KTX_DAEMON_START_FAILED' || code === 'KTX_CONNECTION_FAILED'
    ? 'daemon'
    : undefined;
}
