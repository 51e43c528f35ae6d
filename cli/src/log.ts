/** Log events of the command line; `docs/logging.md` lists them. */

import { randomBytes } from 'node:crypto';
import type { KtxLogEvent, KtxLogLevel } from '@kaelio/ktx';
import { CliError } from './errors.js';

type Variables = Record<string, string | undefined>;

/** Log levels, most severe first. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const satisfies readonly KtxLogLevel[];

/** Creates a random request id: 64 bits in hexadecimal digits. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex');
}

/** The level that `KTX_LOG_LEVEL` sets, by default `info`. Errors: `KTX_ENV_INVALID`. */
export function logLevelOf(env: Variables): KtxLogLevel {
  const name = env.KTX_LOG_LEVEL;
  if (name === undefined) return 'info';
  const level = LOG_LEVELS.find((candidate) => candidate === name);
  if (level !== undefined) return level;
  throw new CliError('KTX_ENV_INVALID', `KTX_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
}

/** Logs an event at the configured level or above. Loads the addon only if needed; failures are ignored. */
export async function logEvent(event: KtxLogEvent): Promise<void> {
  try {
    const level = logLevelOf(event.env ?? process.env);
    if (LOG_LEVELS.indexOf(event.level) > LOG_LEVELS.indexOf(level)) return;
    (await import('@kaelio/ktx')).writeKtxLogEvent(event);
  } catch {
    // A failure to log must not fail the command.
  }
}
