/** Flags of the HTTP server: where it listens, and its token. */

import { isIP } from 'node:net';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { isWildcard } from '../mcp/http/address.js';
import type { KtxServeHttpArgs } from '../serve/run.js';
import type { CliIo } from '../terminal/io.js';
import { requireHttpUrl } from './daemon-url.js';
import { resolveDir } from './project-dir.js';

/** Parsed flags. */
export interface HttpFlags {
  host?: string;
  port?: string;
  publicUrl?: string;
  tokenFile?: string;
}

/** Adds the flags that a background server has, too. */
export function addHttpFlags(command: Command): Command {
  return command
    .option('--port <port>', 'HTTP: port to listen on (default: 0, any free one)')
    .option('--public-url <url>', 'HTTP: URL of the endpoint for clients of other machines, behind a proxy')
    .option('--token-file <file>', 'HTTP: file with the bearer token (default: a private file, which is created)');
}

/** Converts the flags into arguments. Errors: `KTX_ARGUMENT_INVALID`, `KTX_HTTP_URL_INVALID`. */
export function httpArgs({ host, port, publicUrl, tokenFile }: HttpFlags, io: CliIo): KtxServeHttpArgs {
  const args = {
    ...(host === undefined ? {} : { host: requireAddress(host) }),
    ...(port === undefined ? {} : { port: requirePort(port) }),
    ...(publicUrl === undefined ? {} : { publicUrl: new URL(requireHttpUrl('--public-url', publicUrl)) }),
    ...(tokenFile === undefined ? {} : { tokenFile: resolveDir('--token-file', tokenFile, io) }),
  };
  if (args.host === undefined || !isWildcard(args.host) || args.publicUrl !== undefined) return args;
  const next = 'Add --public-url with the URL that clients use, or listen on one address';
  throw new CliError('KTX_ARGUMENT_INVALID', `--host ${host} accepts requests for no name but localhost`, next);
}

/** The flags that are set, as options on a command line. */
export function setHttpFlags(flags: HttpFlags): string[] {
  const options = { '--host': flags.host, '--port': flags.port, '--public-url': flags.publicUrl };
  return Object.entries({ ...options, '--token-file': flags.tokenFile })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
}

function requireAddress(host: string): string {
  if (host === 'localhost' || isIP(host) !== 0) return host;
  throw new CliError('KTX_ARGUMENT_INVALID', '--host is not an IP address', 'Set it to one such as 192.0.2.7');
}

function requirePort(port: string): number {
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port);
  throw new CliError('KTX_ARGUMENT_INVALID', '--port is not a number from 0 to 65535');
}
