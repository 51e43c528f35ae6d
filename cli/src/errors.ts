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

/** What the user is told. */
export interface Failure {
  code: CliErrorCode;
  message: string;
  next: string | undefined;
}

const RUNTIME_DOCTOR = 'See what is wrong with: ktx runtime doctor';
const DAEMON_LOGS = 'See the log of the daemon with: ktx runtime logs';
const REINSTALL_PACKAGE = 'Install the package again: npm install @kaelio/ktx';
const REPORT_BUG = 'Run the command again with KTX_DEBUG=1 and report what it prints';
const CHECK_CONFIG = 'Correct ktx.yaml, then run the command again';
const RETRY_WHEN_FREE = 'Wait until the other one is done, then run the command again';

/** What to do about each code, where the message does not say it; `undefined` where every message does. */
const NEXT_STEPS: Record<CliErrorCode, string | undefined> = {
  KTX_ADAPTER_DISABLED: undefined,
  KTX_ADAPTER_UNKNOWN: 'Correct the name of the adapter',
  KTX_ARGUMENT_INVALID: undefined,
  KTX_ASSET_CHECKSUM: REINSTALL_PACKAGE,
  KTX_ASSET_INVALID: REINSTALL_PACKAGE,
  KTX_ASSET_MISSING: REINSTALL_PACKAGE,
  KTX_ASSET_NEWER: REINSTALL_PACKAGE,
  KTX_ASSET_UNSAFE: REINSTALL_PACKAGE,
  KTX_BINARY_UNAVAILABLE: undefined,
  KTX_CONNECTION_FAILED: 'Check the connection in ktx.yaml and that its server can be reached',
  KTX_CONNECTION_INVALID: CHECK_CONFIG,
  KTX_CONNECTION_UNKNOWN: 'See the connections of this project with: ktx connection list',
  KTX_DAEMON_ELSEWHERE: undefined,
  KTX_DAEMON_START_FAILED: DAEMON_LOGS,
  KTX_DAEMON_STOP_FAILED: RUNTIME_DOCTOR,
  KTX_ENV_INVALID: 'Correct the variable or unset it, then run the command again',
  KTX_FILE_IO: 'Check the permissions of that path and the space on its disk',
  KTX_HTTP_ANSWER_INVALID: DAEMON_LOGS,
  KTX_HTTP_CONNECT: 'Check the URL if you gave one, else start the daemon again with: ktx runtime start --force',
  KTX_HTTP_LOST: 'Run the command again; if it happens again, see the log of the daemon with: ktx runtime logs',
  KTX_HTTP_NOT_OBJECT: DAEMON_LOGS,
  KTX_HTTP_STATUS: DAEMON_LOGS,
  KTX_HTTP_TIMEOUT: DAEMON_LOGS,
  KTX_HTTP_TOO_LARGE: 'Narrow the connection down with schemas: […] in ktx.yaml',
  KTX_HTTP_TRUNCATED: DAEMON_LOGS,
  KTX_HTTP_URL_INVALID: 'Give a URL that begins with http:// or https://',
  KTX_INTERNAL: REPORT_BUG,
  KTX_INTERRUPTED: undefined,
  KTX_LIMIT_REACHED: undefined,
  KTX_LOCK_TIMEOUT: RETRY_WHEN_FREE,
  KTX_PROJECT_EXISTS: 'Use it as it is, or choose another folder',
  KTX_PROJECT_INVALID: CHECK_CONFIG,
  KTX_PROJECT_MISSING: 'Make a project with: ktx init, or name one with --project-dir DIR',
  KTX_PROJECT_UNSAFE: 'Remove that from the project, or replace it by what it leads to',
  KTX_PROJECT_UNTRUSTED: 'If you trust the project, run: ktx trust DIR',
  KTX_QUERY_FAILED: 'Correct the query, then run it again',
  KTX_RUNTIME_CANCELLED: undefined,
  KTX_RUNTIME_INSTALL_FAILED: RUNTIME_DOCTOR,
  KTX_RUNTIME_INSTALLER_MISSING: undefined,
  KTX_RUNTIME_POLICY: 'Leave one of them out',
  KTX_RUNTIME_REQUIRED: undefined,
  KTX_RUNTIME_UNSAFE: undefined,
  KTX_RUN_BUSY: RETRY_WHEN_FREE,
  KTX_RUN_UNKNOWN: 'See the recorded runs with: ktx scan status',
  KTX_SCAN_MISSING: undefined,
  KTX_SECRET_MISSING: 'Set what ktx.yaml refers to, then run the command again',
  KTX_SEMANTIC_INVALID:
    'Correct what it names; see the sources with: ktx sl list, and what is wrong with them with: ktx sl validate',
  KTX_SEMANTIC_UNKNOWN: undefined,
  KTX_SOURCE_DIR_INVALID: 'Choose a folder like those below raw-sources',
  KTX_SOURCE_FORBIDDEN: undefined,
  KTX_STORE_FAILED: 'Check the permissions of that file and of its folder, and the space on its disk',
};

function isKnownCode(code: unknown): code is CliErrorCode {
  return typeof code === 'string' && Object.hasOwn(NEXT_STEPS, code);
}

// The addon's messages are one sentence, or a sentence and the next step.
function saysNextStep(message: string): boolean {
  return /\. [A-Z]/.test(message);
}

function nextStep(code: CliErrorCode, message: string): string | undefined {
  return saysNextStep(message) ? undefined : NEXT_STEPS[code];
}

/** Reads an error of any origin; one without a code of ours is a bug of ours, or the operating system's answer. */
export function describeFailure(error: unknown): Failure {
  const { code, hint, message } =
    error instanceof Error ? (error as Error & { code?: unknown; hint?: unknown }) : { message: String(error) };
  if (error instanceof CliError) return { code: error.code, message, next: error.next ?? NEXT_STEPS[error.code] };
  if (isKnownCode(code)) {
    return { code, message, next: typeof hint === 'string' ? hint : nextStep(code, message) };
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return { code: 'KTX_LIMIT_REACHED', message, next: 'Let this process open more files: ulimit -n 1024' };
  }
  if (error instanceof Error && 'syscall' in error) {
    return { code: 'KTX_FILE_IO', message, next: NEXT_STEPS.KTX_FILE_IO };
  }
  return { code: 'KTX_INTERNAL', message: `Unexpected failure: ${message}`, next: REPORT_BUG };
}

/** Whether the daemon or the installer may have logged more about a failure than its message says. */
export function hasLog(code: CliErrorCode): 'daemon' | 'install' | undefined {
  if (code === 'KTX_RUNTIME_INSTALL_FAILED') return 'install';
  const atDaemon = code.startsWith('KTX_HTTP_') && code !== 'KTX_HTTP_URL_INVALID';
  return atDaemon || code === 'KTX_DAEMON_START_FAILED' || code === 'KTX_CONNECTION_FAILED' ? 'daemon' : undefined;
}
