/**
 * A host name of the local page alone.
 *
 * A browser sends cookies to all ports of a host, so a page at 127.0.0.1 would give its session to the listener of another
 * user whose port the browser visits. Names below `.localhost` lead to this machine, and each is a host with own cookies.
 */

import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../mcp/http/address.js';

/** The addresses that browsers try for a name below `.localhost`. */
const LOOPBACKS = ['127.0.0.1', '::1'];

/** Errors of listening on an address that this machine does not have, so that no other program listens on it either. */
const ABSENT = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Any name below `.localhost`; not that of a page, as a resolver may ask other machines for it. */
const PROBE = 'ktx.localhost';

/** A resolver of the system. */
type Lookup = (name: string) => Promise<{ address: string }[]>;

const systemLookup: Lookup = (name) => lookup(name, { all: true });

/**
 * Returns a host name for the server that listens on an address, with the port if URLs have it; `undefined` if browsers
 * would not find the name, or would find another program at it.
 *
 * `listen` is called for each other loopback address: a browser may try that first, and another user could listen there.
 */
export async function claimOwnHost(
  { address, port }: { address: string; port: number },
  listen: (address: string, port: number) => Promise<void>,
): Promise<string | undefined> {
  // The address of all interfaces, IPv6 and IPv4.
  const isEverywhere = address === '::';
  if (!isEverywhere && address !== '0.0.0.0' && !LOOPBACKS.includes(address)) return undefined;
  if (!(await browsersFind())) return undefined;
  const listening = address === '0.0.0.0' ? '127.0.0.1' : address;
  for (const other of isEverywhere ? [] : LOOPBACKS.filter((each) => each !== listening)) {
    if (!(await isOwned(listen(other, port)))) return undefined;
  }
  return new URL(`http://ktx-${randomBytes(16).toString('hex')}.localhost:${port}`).host;
}

async function isOwned(listening: Promise<void>): Promise<boolean> {
  try {
    await listening;
    return true;
  } catch (error) {
    return ABSENT.includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/**
 * Whether the browsers of a system find names below `.localhost`. Chromium, Edge and Firefox do by themselves; Safari asks
 * the resolver of macOS, whose answer depends on its version.
 */
export async function browsersFind(
  platform: NodeJS.Platform = process.platform,
  resolve: Lookup = systemLookup,
): Promise<boolean> {
  if (platform !== 'darwin') return true;
  const found = await resolve(PROBE).catch(() => []);
  return found.length > 0 && found.every(({ address }) => isLoopback(address));
}

/** Whether a request is to this host, and not of a page of another origin. */
export function isOfHost({ headers: { host, origin } }: IncomingMessage, own: string | undefined): boolean {
  if (own === undefined || host?.toLowerCase() !== own) return false;
  return origin === undefined || origin === `http://${own}`;
}
