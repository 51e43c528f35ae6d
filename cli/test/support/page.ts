/** The local page of a project, as a browser sees it. */

import { type RawResponse, send } from './http.js';
import { ktx } from './ktx.js';

/** Parts of a URL that opens the page once. */
export interface PageUrl {
  /** `http://ktx-….localhost:PORT` */
  origin: string;
  root: string;
  ticket: string;
}

/** Splits the URL of `ktx open`. */
export function parsePageUrl(url: string): PageUrl {
  const { origin, pathname, hash } = new URL(url);
  return { origin, root: `${origin}${pathname}`, ticket: hash.slice('#ticket='.length) };
}

/** The same page at 127.0.0.1. */
export function atAddress(page: PageUrl): PageUrl {
  const origin = `http://127.0.0.1:${new URL(page.origin).port}`;
  return { ...page, origin, root: page.root.replace(page.origin, origin) };
}

/** Runs `ktx open`, and returns its URL. */
export async function openPage(cwd: string): Promise<PageUrl> {
  const { code, stdout, stderr } = await ktx(['open', '--no-browser'], { cwd });
  if (code !== 0) throw new Error(stderr);
  return parsePageUrl(stdout.trim());
}

/** Exchanges a ticket for a cookie. */
export function signIn({ origin, root, ticket }: PageUrl, headers: Record<string, string> = {}): Promise<RawResponse> {
  return send(`${root}sign-in`, { headers: { origin, authorization: `Bearer ${ticket}`, ...headers } });
}

/** The cookie of a response. */
export function cookieOf({ headers }: RawResponse): string {
  return String(headers['set-cookie']).split(';', 1)[0] ?? '';
}
