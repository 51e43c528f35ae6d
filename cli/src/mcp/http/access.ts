/** Checks that precede the reading of a request body: host, origin and bearer token. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/node';
import { localhostAllowedHostnames } from '@modelcontextprotocol/server';

/** Address that the server listens on, and the URL that clients of other machines use. */
export interface Location {
  host: string;
  publicUrl?: URL | undefined;
}

/** Addresses that stand for all interfaces, so that no client names them. */
const WILDCARDS = ['0.0.0.0', '::'];

/** Whether an address is that of all interfaces. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.includes(host);
}

/** An address as it is written in a URL. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** Whether an address is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Creates the check of `Host` and `Origin`, which answers a refused request with 403.
 *
 * Without it, a web page could call the server by a name that resolves to 127.0.0.1 (DNS rebinding).
 */
export function createHostCheck({ host, publicUrl }: Location): (req: IncomingMessage, res: ServerResponse) => boolean {
  const ofPublicUrl = publicUrl === undefined ? [] : [publicUrl.hostname];
  const ofAddress = isWildcard(host) ? [] : [hostInUrl(host).toLowerCase()];
  const allowsHost = hostHeaderValidation([...localhostAllowedHostnames(), ...ofAddress, ...ofPublicUrl]);
  const allowsOrigin = originValidation([...localhostAllowedHostnames(), ...ofPublicUrl]);
  return (req, res) => allowsHost(req, res) && allowsOrigin(req, res);
}

/** Creates the check of the header `Authorization`, whose time does not depend on the token that it contains. */
export function createTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = sha256(token);
  return (authorization) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(sha256(given), expected);
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
