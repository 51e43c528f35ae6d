/** Flags with the keys of a connection. Secrets are never flags: they come from a variable, a file or standard input. */

import type { KtxConnectionKeys } from '@kaelio/ktx';
import type { Command } from 'commander';
import { CliError } from '../errors.js';

/** Parsed flags. */
export interface KeyFlags {
  driver?: string;
  url?: string;
  path?: string;
  host?: string;
  port?: string;
  user?: string;
  database?: string;
  sslmode?: string;
  sslrootcert?: string;
  sslcert?: string;
  sslkey?: string;
  secure?: true;
  schema?: string[];
  set?: string[];
  baseUrl?: string;
  clientId?: string;
  passwordEnv?: string;
  passwordFile?: string;
  passwordStdin?: boolean;
}

/** Where the secret of a connection comes from: a reference for `ktx.yaml`, or standard input. */
export type SecretSource = { kind: 'reference'; reference: string } | { kind: 'stdin' } | { kind: 'none' };

/** Adds the flags. */
export function addKeyFlags(command: Command): Command {
  return command
    .option(
      '--driver <driver>',
      'postgres, mysql, mariadb, sqlite, duckdb, clickhouse, bigquery, snowflake, spark, files, looker, or one of SQLAlchemy',
    )
    .option('--url <url>', 'URL, env:NAME or file:PATH; a password in a URL is moved to a private file')
    .option('--path <file>', 'database file, or folder of data files, relative to the project')
    .option('--host <host>', 'host of the server, or the folder of its Unix socket')
    .option('--port <port>', 'port of the server')
    .option('--user <user>', 'user of the database')
    .option('--database <name>', 'name of the database')
    .option('--sslmode <mode>', 'encryption of the connection, as in libpq')
    .option('--sslrootcert <file>', 'root certificates, or system')
    .option('--sslcert <file>', 'client certificate')
    .option('--sslkey <file>', 'key of the client certificate')
    .option('--secure', 'TLS for ClickHouse; the default for the ports 8443 and 443')
    .option('--schema <schema...>', 'schema to scan; may be repeated')
    .option('--set <key=value...>', 'another key of the driver, such as project=shop; may be repeated')
    .option('--base-url <url>', 'address of a Looker instance')
    .option('--client-id <id>', 'API client of Looker')
    .option('--password-env <name>', 'variable with the password, or with the API secret of Looker')
    .option('--password-file <path>', 'file with it, relative to the project')
    .option('--password-stdin', 'read it from standard input, and store it in a private file');
}

/** The keys of `ktx.yaml` that the flags set. Errors: a value of `--set` or `--port` that cannot be one. */
export async function keysOf(flags: KeyFlags): Promise<KtxConnectionKeys> {
  const { driver, url, path, host, user, database, sslmode, sslrootcert, sslcert, sslkey, secure } = flags;
  const keys = {
    ...{ driver, url, path, host, port: flags.port === undefined ? undefined : parsePort(flags.port), user, database },
    ...{ sslmode, sslrootcert, sslcert, sslkey, secure, schemas: flags.schema },
    ...{ base_url: flags.baseUrl, client_id: flags.clientId },
    ...(await settingsOf(flags.set)),
  };
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

/** The types of the keys are those of the addon, which is loaded only for them. */
async function settingsOf(settings: string[] = []): Promise<KtxConnectionKeys> {
  if (settings.length === 0) return {};
  const { parseSettings } = await import('./settings.js');
  return parseSettings(settings);
}

/** The source of the secret. Errors: there are several. */
export function secretOf({ passwordEnv, passwordFile, passwordStdin }: KeyFlags): SecretSource {
  const sources: SecretSource[] = [
    ...(passwordEnv === undefined ? [] : [{ kind: 'reference' as const, reference: `env:${passwordEnv}` }]),
    ...(passwordFile === undefined ? [] : [{ kind: 'reference' as const, reference: `file:${passwordFile}` }]),
    ...(passwordStdin === true ? [{ kind: 'stdin' as const }] : []),
  ];
  if (sources.length > 1) {
    const message = '--password-env, --password-file and --password-stdin exclude each other';
    throw new CliError('KTX_ARGUMENT_INVALID', message, 'Use one of them');
  }
  return sources[0] ?? { kind: 'none' };
}

/** Whether a text is the number of a port. */
export function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) > 0 && Number(text) < 65_536;
}

function parsePort(text: string): number {
  if (isPort(text)) return Number(text);
  throw new CliError('KTX_ARGUMENT_INVALID', '--port is not a number from 1 to 65535');
}
