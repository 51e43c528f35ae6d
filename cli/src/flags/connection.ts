/** The flag `--connection-id`. */

import type { Command } from 'commander';

/** Parsed flag. */
export interface ConnectionFlag {
  connectionId?: string;
}

/** Adds `--connection-id`; `defaultText` is its default in the help. */
export function addConnectionFlag(command: Command, defaultText = 'the only one of the project'): Command {
  return command.option('--connection-id <id>', `connection in ktx.yaml (default: ${defaultText})`);
}

/** The flag as an argument. */
export function connectionOf({ connectionId }: ConnectionFlag): ConnectionFlag {
  return connectionId === undefined ? {} : { connectionId };
}
