/** The flag `--json`. */

import type { Command } from 'commander';

/** Adds `--json`. */
export function addJsonFlag(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** `{ json: true }` if the flag is set, before or after the subcommand, else `{}`. */
export function jsonFlag(command: Command): { json?: true } {
  return command.optsWithGlobals<{ json?: boolean }>().json === true ? { json: true } : {};
}
