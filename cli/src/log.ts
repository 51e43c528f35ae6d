/** Log events of the command line; `docs/logging.md` lists them. */

import type { KtxLogEvent, KtxLogLevel } from '@kaelio/ktx';
import { CliError } from './errors.js';

type Variables = Record<string, string | undefined>;

/** Log levels, most severe first. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const satisfies readonly KtxLogLevel[];

/** Creates a request id: 64 bits in hexadecimal digits, random but predictable, as it only correlates log events. */
export function newRequestId(): string {
  // Loading `node:crypto` takes 5 ms of each command.
  const half = () => Math.floor(Math.random() * 2 ** 32);
  return [half(), half()].map((number) => number.toString(16).padStart(8, '0')).join('');
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
