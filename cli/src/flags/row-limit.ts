/** Numbers of rows in flags. */

import { type Command, InvalidArgumentError } from 'commander';

/** Parsed flag. */
export interface MaxRowsFlag {
  maxRows?: number;
}

/** Adds `--max-rows`. */
export function addMaxRowsFlag(command: Command, description: string): Command {
  return command.option('--max-rows <rows>', description, parseRowCount);
}

/** The flag as an argument. */
export function maxRowsOf({ maxRows }: MaxRowsFlag): MaxRowsFlag {
  return maxRows === undefined ? {} : { maxRows };
}

/** Parses a number of rows. Errors: anything but a positive integer. */
export function parseRowCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be an integer of at least 1.');
}

/** Parses a number of rows that are left out. Errors: anything but an integer from 0 on. */
export function parseOffset(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be an integer of at least 0.');
}
