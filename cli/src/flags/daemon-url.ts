/** Flags with the URL of a daemon that replaces the managed one. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { CliError } from '../errors.js';
import { type RuntimeFlags, runtimeArgs } from './runtime.js';

/** Parsed flag of the commands that introspect databases. */
export interface IntrospectionFlags {
  databaseIntrospectionUrl?: string;
}

/** Adds `--database-introspection-url`. */
export function addIntrospectionUrlFlag(command: Command): Command {
  const description = 'URL of the daemon that introspects databases, instead of the managed one';
  return command.option('--database-introspection-url <url>', description);
}

/** Arguments that scan, ingest and serve share. */
export async function ingestArgs(flags: RuntimeFlags & IntrospectionFlags, command: Command, context: CommandContext) {
  const { installPolicy, ...rest } = await runtimeArgs(flags, command, context);
  return { ...rest, ...introspectionUrl(flags), runtimeInstallPolicy: installPolicy };
}

function introspectionUrl({ databaseIntrospectionUrl: url }: IntrospectionFlags): IntrospectionFlags {
  return url === undefined ? {} : { databaseIntrospectionUrl: requireHttpUrl('--database-introspection-url', url) };
}

/** Validates the URL of a daemon. The addon validates it too, but its errors cannot name the flag. */
export function requireHttpUrl(flag: string, text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  const message = `${flag} is not an http or https URL`;
  throw new CliError('KTX_HTTP_URL_INVALID', message, 'Set it to one such as http://127.0.0.1:8765, or remove it');
}
