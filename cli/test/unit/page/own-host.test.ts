import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { browsersFind, claimOwnHost, isOfHost } from '../../../src/page/own-host.js';

const OWN = /^ktx-[0-9a-f]{32}\.localhost:8080$/;

/** Claims a name, and records the addresses that are listened on besides. */
async function claim(address: string, code?: string) {
  const listening: string[] = [];
  const host = await claimOwnHost({ address, port: 8080 }, async (other, port) => {
    listening.push(`${other} ${port}`);
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  });
  return { host, listening };
}

// The names of macOS depend on its version.
describe.skipIf(process.platform === 'darwin')('a host of its own', () => {
  it.each([
    ['127.0.0.1', ['::1 8080']],
    ['0.0.0.0', ['::1 8080']],
    ['::1', ['127.0.0.1 8080']],
    ['::', []],
  ])('is claimed with the other address of the machine: %s', async (address, listening) => {
    expect(await claim(address)).toEqual({ host: expect.stringMatching(OWN), listening });
  });

  it('is another one for each server, without the default port', async () => {
    expect((await claim('::')).host).not.toBe((await claim('::')).host);
    expect(await claimOwnHost({ address: '::', port: 80 }, async () => {})).toMatch(/^ktx-[0-9a-f]{32}\.localhost$/);
  });

  it('is not claimed where another program listens, or browsers reach no local address', async () => {
    expect((await claim('127.0.0.1', 'EADDRINUSE')).host).toBeUndefined();
    expect((await claim('127.0.0.1', 'EACCES')).host).toBeUndefined();
    expect(await claim('192.0.2.1')).toEqual({ host: undefined, listening: [] });
  });

  it('is claimed on a machine without IPv6', async () => {
    expect((await claim('127.0.0.1', 'EADDRNOTAVAIL')).host).toMatch(OWN);
    expect((await claim('127.0.0.1', 'EAFNOSUPPORT')).host).toMatch(OWN);
  });
});

describe('browsers', () => {
  const resolving = (...addresses: string[]) => {
    return async () => addresses.map((address) => ({ address }));
  };

  it('find the name by themselves, except those of macOS', async () => {
    const failing = async () => {
      throw new Error('not found');
    };
    expect(await browsersFind('linux', failing)).toBe(true);
    expect(await browsersFind('win32', failing)).toBe(true);
    expect(await browsersFind('darwin', failing)).toBe(false);
    expect(await browsersFind('darwin', resolving('127.0.0.1'))).toBe(true);
    expect(await browsersFind('darwin', resolving('::1', '127.0.0.1'))).toBe(true);
    expect(await browsersFind('darwin', resolving('127.0.0.1', '192.0.2.1'))).toBe(false);
    expect(await browsersFind('darwin', resolving())).toBe(false);
  });
});

describe('a request', () => {
  const isOwn = (headers: IncomingMessage['headers'], own: string | undefined = 'ktx-1.localhost:80') =>
    isOfHost({ headers } as IncomingMessage, own);

  it('is of the host by its exact name and origin', () => {
    expect(isOwn({ host: 'KTX-1.localhost:80' })).toBe(true);
    expect(isOwn({ host: 'ktx-1.localhost:80', origin: 'http://ktx-1.localhost:80' })).toBe(true);
    expect(isOwn({ host: 'ktx-1.localhost:80', origin: 'http://ktx-2.localhost:80' })).toBe(false);
    expect(isOwn({ host: 'ktx-1.localhost' })).toBe(false);
    expect(isOwn({})).toBe(false);
    expect(isOfHost({ headers: {} } as IncomingMessage, undefined)).toBe(false);
  });
});
