/**
 * Who may see the pages: a browser gets a session for a ticket, which is valid once.
 *
 * The ticket is in the fragment of the URL that is opened, which browsers send to no server. The session is a cookie of
 * this process: cookies are shared by all ports of a host, so its name has the port.
 */

import { createHash, randomBytes } from 'node:crypto';

/** Time in which a ticket can be used. */
const TICKET_MS = 10 * 60_000;

/** Time after which an unused session ends. */
const SESSION_MS = 12 * 60 * 60_000;

/** Maximum number of tickets and of sessions; the oldest are dropped. */
const MAX_ENTRIES = 64;

/** Tickets and sessions by the hashes of their secrets, with the time until which they are valid. */
export class PageSessions {
  readonly #tickets = new Map<string, number>();
  readonly #sessions = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Creates a ticket. */
  createTicket(): string {
    return this.#create(this.#tickets, TICKET_MS);
  }

  /** Exchanges a ticket for a session; `undefined` if it is not valid or was used. */
  redeem(ticket: string): string | undefined {
    const key = hash(ticket);
    const expiry = this.#tickets.get(key);
    this.#tickets.delete(key);
    if (expiry === undefined || expiry < this.now()) return undefined;
    return this.#create(this.#sessions, SESSION_MS);
  }

  /** Whether a session is valid, which it then is for longer. */
  accepts(session: string): boolean {
    const key = hash(session);
    const expiry = this.#sessions.get(key);
    this.#sessions.delete(key);
    if (expiry === undefined || expiry < this.now()) return false;
    this.#sessions.set(key, this.now() + SESSION_MS);
    return true;
  }

  #create(entries: Map<string, number>, lifetime: number): string {
    const secret = randomBytes(32).toString('base64url');
    entries.set(hash(secret), this.now() + lifetime);
    // In the order of insertion.
    for (const key of entries.keys()) if (entries.size > MAX_ENTRIES) entries.delete(key);
    return secret;
  }
}

/** Name of the cookie of a server. */
export function cookieName(port: number): string {
  return `ktx_page_${port}`;
}

/** Value of `Set-Cookie` for a session. */
export function sessionCookie(port: number, session: string): string {
  return `${cookieName(port)}=${session}; Path=/; HttpOnly; SameSite=Strict`;
}

/** The sessions of a request: servers on other ports of the host can add cookies of the same name, with another path. */
export function sessionsOf(port: number, cookies: string | undefined): string[] {
  const prefix = `${cookieName(port)}=`;
  const all = (cookies ?? '').split(';').map((each) => each.trim());
  return all.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
}

/** Lookups by hash take no time that depends on the secret. */
function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
