/** Flags that name a daemon of the user, in place of the managed one. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { CliError } from '../errors.js';
import { type RuntimeFlags, runtimeArgs } from './runtime.js';

/** The flag of every command that reads schemas into the project. */
export interface IntrospectionFlags {
  databaseIntrospectionUrl?: string;
}

/** Adds `--database-introspection-url`. */
export function addIntrospectionUrlFlag(command: Command): Command {
  const description = 'daemon to read databases through, in place of the managed one';
  return command.option('--database-introspection-url <url>', description);
}

/** Arguments of every command that pulls sources into the project. */
export async function ingestArgs(flags: RuntimeFlags & IntrospectionFlags, command: Command, context: CommandContext) {
  const { installPolicy, ...rest } = await runtimeArgs(flags, command, context);
  return { ...rest, ...introspectionUrl(flags), runtimeInstallPolicy: installPolicy };
}

function introspectionUrl({ databaseIntrospectionUrl: url }: IntrospectionFlags): IntrospectionFlags {
  return url === undefined ? {} : { databaseIntrospectionUrl: httpUrl('--database-introspection-url', url) };
}

/** A daemon's URL. The addon checks it as well, but knows the option under its own name only. */
export function httpUrl(flag: string, text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  const message = `${flag} is not an http or https URL`;
  throw new CliError('KTX_HTTP_URL_INVALID', message, 'Set it to one such as http://127.0.0.1:8765, or remove it');
}
