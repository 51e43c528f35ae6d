/** The flags `--format` and `--json` of commands that print a table. */

import { type Command, Option } from 'commander';
import { CliError } from '../errors.js';
import { OUTPUT_FORMATS, type OutputFormat, type OutputOptions } from '../output/formats.js';
import { addJsonFlag, jsonFlag } from './json.js';

/** Adds `--format`, and `--json` as its short form for `--format json`. */
export function addFormatFlag(command: Command, formats: readonly string[] = OUTPUT_FORMATS): Command {
  return addJsonFlag(command).addOption(new Option('--format <format>', 'output format').choices(formats));
}

/** The parsed flags. Errors: `--json` together with another format. */
export function outputOf(command: Command): OutputOptions {
  const { format } = command.opts<{ format?: OutputFormat }>();
  const json = jsonFlag(command);
  if (json.json && format !== undefined && format !== 'json') {
    throw new CliError(
      'KTX_ARGUMENT_INVALID',
      'Choose only one output format: --json or --format',
      'Remove one of them',
    );
  }
  if (json.json || format === 'json') return { json: true };
  return format === undefined || format === 'table' ? {} : { format };
}

/** Whether the arguments ask for JSON, also if they cannot be parsed. */
export function asksForJson(argv: readonly string[]): boolean {
  return argv.some((word, at) => word === '--json' || word === '--format=json' || isJsonFormat(argv, at));
}

function isJsonFormat(argv: readonly string[], at: number): boolean {
  return argv[at] === '--format' && argv[at + 1] === 'json';
}
