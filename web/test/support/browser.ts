/** Chromium, and pages that record everything that a page must not do. */

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

/** Path of the browser; Debian's by default. */
const EXECUTABLE = process.env.KTX_CHROMIUM ?? '/usr/bin/chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // A page that names another host cannot reach it from the machine of the tests.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost',
];

/** Starts the browser. */
export function launch(): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) throw new Error(`${EXECUTABLE} is missing: install chromium, or set KTX_CHROMIUM`);
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
}

/** Time in which an element has to appear. */
const WAIT_MS = 10_000;

let browser: Browser | undefined;

/** Runs a browser for the tests of a file. */
export function startBrowser(): void {
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    browser = undefined;
  });
}

/** Where pages are loaded from: a folder, or a URL with its path. */
export interface Origin {
  /** URL of the root of the site, with a slash at its end. */
  url: string;
  /** URL to open first. */
  signInUrl?(): Promise<string>;
}

/** A page of a new context, and what it has done that it must not. */
export interface GuardedPage {
  page: Page;
  /** Opens a page by its path below the root of the site. */
  open(path: string): Promise<void>;
  /** Requests to elsewhere, errors, violations of the policy: empty for a good page. */
  problems: string[];
}

/**
 * Runs a test with a page of a new context. The test fails if the page makes a request to anywhere but its own site, logs an
 * error, violates its content security policy, or has an error that was not caught, such as a mismatch in hydration.
 */
export async function withPage(
  origin: Origin,
  body: (guarded: GuardedPage) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  if (browser === undefined) throw new Error('startBrowser was not called');
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  try {
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    const problems: string[] = [];
    await guard(page, origin.url, problems);
    const open = async (path: string) => {
      await page.goto(`${origin.url}${path}`);
      if (options.javaScriptEnabled !== false) await hydrated(page);
    };
    if (origin.signInUrl !== undefined) await signIn(page, origin, problems);
    await body({ page, open, problems });
    expect(problems).toEqual([]);
  } finally {
    await context.close();
  }
}

/** Waits until the script of the page has taken over its HTML. */
async function hydrated(page: Page): Promise<void> {
  // The switch of the theme needs a script, and is a part of every page.
  await page.locator('.theme-switch').waitFor({ state: 'attached' });
}

/** Opens the URL with the ticket. The page without a session is answered with 401, which the browser logs as an error. */
async function signIn(page: Page, origin: Origin, problems: string[]): Promise<void> {
  await page.goto((await origin.signInUrl?.()) ?? origin.url);
  // Of the page after the sign-in: an earlier navigation would be interrupted by its reload.
  await page.locator('#root').waitFor();
  problems.length = 0;
}

async function guard(page: Page, url: string, problems: string[]): Promise<void> {
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) problems.push(`request to ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // A newer search cancels the one before.
    if (reason !== 'net::ERR_ABORTED') problems.push(`failed request to ${request.url()}: ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} of ${response.url()}`);
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('dialog', async (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
}
