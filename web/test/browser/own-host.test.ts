/** The page of `ktx open`: who gets the cookie of its session. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, withPage } from '../support/browser.js';
import { siteOf } from '../support/sites.js';

const run = promisify(execFile);
const ENTRY = path.resolve(import.meta.dirname, '..', '..', '..', 'cli', 'dist', 'ktx.js');

startBrowser();

describe('ktx open', () => {
  let other: Server;
  let cookies: (string | undefined)[];

  /** Runs the command line in the project of the demo. */
  const ktx = async (...args: string[]) => {
    return (await run(process.execPath, [ENTRY, ...args], { cwd: siteOf('demo').projectDir })).stdout.trim();
  };

  beforeAll(async () => {
    other = createServer(({ headers }, res) => {
      cookies.push(headers.cookie);
      res.end('another program');
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    await ktx('mcp', 'start');
  });
  afterAll(async () => {
    other.close();
    await ktx('mcp', 'stop');
  });

  it('keeps the session of the browser from other programs of the machine', async () => {
    const signInUrl = await ktx('open', '--no-browser');
    const { origin, pathname } = new URL(signInUrl);
    cookies = [];
    await withPage(
      { url: `${origin}${pathname}`, signInUrl: async () => signInUrl },
      async ({ page, open, problems }) => {
        const ownCookies = await page.context().cookies();
        expect(ownCookies).toMatchObject([{ domain: new URL(origin).hostname, httpOnly: true, sameSite: 'Strict' }]);
        await open('status.html');
        const { port } = other.address() as AddressInfo;
        for (const host of ['127.0.0.1', 'localhost', 'ktx-other.localhost']) {
          await page.goto(`http://${host}:${port}/`);
          expect(await page.content()).toContain('another program');
        }
        // The requests to elsewhere were those of the test.
        problems.length = 0;
        await open('index.html');
      },
    );
    expect(cookies.length).toBeGreaterThanOrEqual(3);
    expect(cookies.filter((each) => each !== undefined)).toEqual([]);
  });
});
