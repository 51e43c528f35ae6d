/**
 * Who may see the pages: a browser gets a session for a ticket, which is valid once.
 *
 * The ticket is in the fragment of the URL that is opened, which browsers send to no server. The session is a cookie of
 * this process, and of the host that the browser was on: cookies are shared by all ports of a host, so the name of the
 * cookie has the port, and a session that another host gets is worth nothing there.
 */

import { createHash, randomBytes } from 'node:crypto';

/** Time in which a ticket can be used. */
const TICKET_MS = 10 * 60_000;

/** Time after which an unused session ends. */
const SESSION_MS = 12 * 60 * 60_000;

/** Maximum number of tickets and of sessions; the oldest are dropped. */
const MAX_ENTRIES = 64;

/** A secret that can be used until a time. */
interface Entry {
  expiry: number;
  /** `Host` of the requests of a session. */
  host?: string;
}

/** Tickets and sessions by the hashes of their secrets. */
export class PageSessions {
  readonly #tickets = new Map<string, Entry>();
  readonly #sessions = new Map<string, Entry>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Creates a ticket. */
  createTicket(): string {
    return create(this.#tickets, { expiry: this.now() + TICKET_MS });
  }

  /** Exchanges a ticket for a session of a host; `undefined` if it is not valid or was used. */
  redeem(ticket: string, host: string): string | undefined {
    const key = hash(ticket);
    const found = this.#tickets.get(key);
    this.#tickets.delete(key);
    if (found === undefined || found.expiry < this.now()) return undefined;
    return create(this.#sessions, { expiry: this.now() + SESSION_MS, host });
  }

  /** Whether a session is valid on a host, which it then is for longer. */
  accepts(session: string, host: string): boolean {
    const key = hash(session);
    const found = this.#sessions.get(key);
    if (found === undefined || found.host !== host) return false;
    this.#sessions.delete(key);
    if (found.expiry < this.now()) return false;
    this.#sessions.set(key, { expiry: this.now() + SESSION_MS, host });
    return true;
  }
}

function create(entries: Map<string, Entry>, entry: Entry): string {
  const secret = randomBytes(32).toString('base64url');
  entries.set(hash(secret), entry);
  // In the order of insertion.
  for (const key of entries.keys()) if (entries.size > MAX_ENTRIES) entries.delete(key);
  return secret;
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
