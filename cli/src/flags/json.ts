/** The flag `--json`. */

import type { Command } from 'commander';

/** Adds `--json`. */
export function addJsonFlag(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** `{ json: true }` where the flag stands before or after the last word of the command, else nothing. */
export function jsonFlag(command: Command): { json?: true } {
  return command.optsWithGlobals<{ json?: boolean }>().json === true ? { json: true } : {};
}
