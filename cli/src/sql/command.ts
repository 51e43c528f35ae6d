/** `ktx sql`: its flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { CliError } from '../errors.js';
import { addConnectionFlag, type ConnectionFlag, connectionOf } from '../flags/connection.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { addMaxRowsFlag, type MaxRowsFlag, maxRowsOf } from '../flags/row-limit.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeArgs } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import type { CliIo } from '../terminal/io.js';
import { readTextInput, STDIN } from '../terminal/text-input.js';

interface SqlFlags extends RuntimeFlags, ConnectionFlag, MaxRowsFlag, ParsedTrustFlag {
  file?: string;
}

/** Registers the command. */
export function registerSqlCommand(program: Command, context: CommandContext): void {
  const sql = addConnectionFlag(addFormatFlag(addTrustFlag(addRuntimeFlags(program.command('sql')))))
    .description('run one read-only statement')
    .argument('[statement]', 'SQL in the dialect of the connection, or - for stdin')
    .option('--file <file>', 'read the statement from a file');
  addMaxRowsFlag(sql, 'maximum rows to fetch (default: 1000)').action(
    async (statement: string | undefined, flags: SqlFlags, command: Command) => {
      const args = {
        ...(await runtimeArgs(flags, command, context)),
        sql: await readStatement(statement, flags.file, context.io),
        ...connectionOf(flags),
        ...maxRowsOf(flags),
        ...trustOf(flags),
        ...outputOf(command),
      };
      context.exit(await context.deps.sql(args, context.io));
    },
  );
}

async function readStatement(statement: string | undefined, file: string | undefined, io: CliIo): Promise<string> {
  if (statement !== undefined && file !== undefined) {
    const message = 'Choose only one statement: the argument or --file';
    throw new CliError('KTX_ARGUMENT_INVALID', message, 'Remove one of them');
  }
  const input = file ?? (statement === STDIN ? STDIN : undefined);
  const text = input === undefined ? statement : await readTextInput(input, io);
  if (text?.trim()) return text;
  throw new CliError('KTX_ARGUMENT_INVALID', 'There is no statement to run', 'Add one: ktx sql "SELECT 1"');
}
