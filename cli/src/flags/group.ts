/** Flags of commands that are a command and a group, such as `ktx scan` and `ktx scan status`. */

import type { Command } from 'commander';
import { CliError } from '../errors.js';

/** Rejects flags of a group on its subcommand: commander assigns known flags to the group at any position. */
export function rejectGroupFlags(group: Command, subcommand: Command, allowed: readonly string[]): void {
  const flag = group.options.find((option) => {
    const name = option.attributeName();
    return !allowed.includes(name) && group.getOptionValueSource(name) === 'cli';
  });
  if (flag === undefined) return;
  const help = `See the usage with: ktx ${group.name()} ${subcommand.name()} --help`;
  throw new CliError('KTX_ARGUMENT_INVALID', `unknown option '${flag.long}'`, help);
}
