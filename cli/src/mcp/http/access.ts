/** Checks that precede the reading of a request body: host, origin and bearer token. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/node';
import { localhostAllowedHostnames } from '@modelcontextprotocol/server';
import { hostInUrl, isWildcard } from './address.js';
import { reply, rpcError } from './replies.js';

/** Address that the server listens on, and the URL that clients of other machines use. */
export interface Location {
  host: string;
  publicUrl?: URL | undefined;
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
  return (req, res) => isHostWritten(req, res) && allowsHost(req, res) && allowsOrigin(req, res);
}

/** Refuses what the parser of URLs would read as a user, a path or a query beside the host. */
function isHostWritten({ headers: { host = '' } }: IncomingMessage, res: ServerResponse): boolean {
  if (!/[@/\\?#]/.test(host)) return true;
  reply(res, 403, rpcError('The header Host has more than a host and a port'));
  return false;
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
