/** IP addresses to listen on. */

import { isIPv6 } from 'node:net';

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
