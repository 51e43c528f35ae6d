/** Failures as an agent can act on them: with tools and flags of the server in place of commands. */

import { type CliErrorCode, describeFailure } from '../errors.js';
import { cutText } from '../output/cut-text.js';

/** A failure of a tool. */
export interface ToolFailure {
  code: CliErrorCode;
  message: string;
  /** The next step: a tool, an argument or a flag of the server. */
  hint?: string;
}

const INSTALL =
  'The user runs: ktx runtime install --yes; or adds --yes to the arguments of the server, which then installs it';

/** Next steps where a tool or a flag does what the command line would. */
const HINTS: Partial<Record<CliErrorCode, string>> = {
  KTX_CONNECTION_UNKNOWN: 'connection_list has the ids of the connections',
  KTX_RUN_UNKNOWN: 'run_get without runId lists the runs',
  KTX_SCAN_MISSING: 'scan_run reads the schema of the connection; mode relationships detects relationships as well',
  KTX_TABLE_UNKNOWN: 'table_list finds tables by a part of their name (contains)',
  KTX_PAGE_UNKNOWN: 'search with kinds ["page"] finds pages by their text',
  KTX_SEMANTIC_UNKNOWN:
    'sl_source_list has the names of the sources; sl_source_put writes one, and the user generates them with: ktx sl generate',
  KTX_SEMANTIC_INVALID: 'Correct what the message names; sl_source_get shows a source, sl_source_validate all problems',
  KTX_RUNTIME_REQUIRED: INSTALL,
};

/** Advice of the command line at the end of a message; the hint is in its place. */
const ADVICE = /\. Run: ktx [^.]*$/;

/** Maximum characters of a message, which an answer has twice. */
const MAX_MESSAGE_LENGTH = 8_000;

const COMMAND = /\bktx [a-z]/;

/** Describes a failure of a tool. */
export function explainFailure(error: unknown): ToolFailure {
  const { code: thrown, message, next } = describeFailure(error);
  // A call asks no question, so that no one has declined an installation.
  const code = thrown === 'KTX_RUNTIME_CANCELLED' ? 'KTX_RUNTIME_REQUIRED' : thrown;
  const hint = hintOf(code, next);
  return { code, message: shorten(message.replace(ADVICE, '')), ...(hint === undefined ? {} : { hint }) };
}

function shorten(message: string): string {
  return message.length <= MAX_MESSAGE_LENGTH ? message : `${cutText(message, MAX_MESSAGE_LENGTH)}…`;
}

function hintOf(code: CliErrorCode, next: string | undefined): string | undefined {
  if (next !== undefined && !COMMAND.test(next)) return next;
  return HINTS[code] ?? (next === undefined ? undefined : `For the user: ${next}`);
}
