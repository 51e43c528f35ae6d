/** Events of the command line for the log; `docs/logging.md` lists them. */

import { randomBytes } from 'node:crypto';
import type { KtxLogEvent, KtxLogLevel } from '@kaelio/ktx';
import { CliError } from './errors.js';

type Variables = Record<string, string | undefined>;

/** Levels, the most important first. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const satisfies readonly KtxLogLevel[];

/** A random id for a call: 64 bits in hexadecimal digits. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex');
}

/** The level of `KTX_LOG_LEVEL`, by default `info`. Errors: `KTX_ENV_INVALID`. */
export function logLevelOf(env: Variables): KtxLogLevel {
  const name = env.KTX_LOG_LEVEL;
  if (name === undefined) return 'info';
  const level = LOG_LEVELS.find((known) => known === name);
  if (level !== undefined) return level;
  throw new CliError('KTX_ENV_INVALID', `KTX_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`);
}

/** Logs an event. The addon is loaded only for what the level lets pass, and no failure of the log reaches a command. */
export async function logEvent(event: KtxLogEvent): Promise<void> {
  try {
    const level = logLevelOf(event.env ?? process.env);
    if (LOG_LEVELS.indexOf(event.level) > LOG_LEVELS.indexOf(level)) return;
    (await import('@kaelio/ktx')).writeKtxLogEvent(event);
  } catch {
    // The outcome of the command matters more than a line about it.
  }
}
