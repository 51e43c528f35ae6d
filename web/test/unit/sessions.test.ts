import { describe, expect, it } from 'vitest';
import { PageSessions, sessionCookie, sessionsOf } from '../../src/node/sessions.js';

const HOUR = 3_600_000;
const HOST = '127.0.0.1:80';

/** Sessions of one host. */
function createSessions() {
  const clock = { now: 0 };
  const all = new PageSessions(() => clock.now);
  const sessions = {
    createTicket: () => all.createTicket(),
    redeem: (ticket: string) => all.redeem(ticket, HOST),
    accepts: (session: string) => all.accepts(session, HOST),
  };
  return { clock, sessions, all };
}

describe('sessions', () => {
  it('exchange a ticket once', () => {
    const { sessions } = createSessions();
    const ticket = sessions.createTicket();
    const session = sessions.redeem(ticket) ?? '';
    expect(sessions.accepts(session)).toBe(true);
    expect(sessions.redeem(ticket)).toBeUndefined();
    expect(sessions.accepts(ticket)).toBe(false);
  });

  it('refuse what they have not created', () => {
    const { sessions } = createSessions();
    expect(sessions.redeem('')).toBeUndefined();
    expect(sessions.accepts('')).toBe(false);
    expect(sessions.accepts('x')).toBe(false);
    const other = createSessions().sessions;
    expect(sessions.accepts(other.redeem(other.createTicket()) ?? '')).toBe(false);
  });

  it('refuse an old ticket', () => {
    const { sessions, clock } = createSessions();
    const ticket = sessions.createTicket();
    clock.now = HOUR;
    expect(sessions.redeem(ticket)).toBeUndefined();
  });

  it('end after twelve hours without use', () => {
    const { sessions, clock } = createSessions();
    const session = sessions.redeem(sessions.createTicket()) ?? '';
    clock.now = 11 * HOUR;
    expect(sessions.accepts(session)).toBe(true);
    clock.now = 22 * HOUR;
    expect(sessions.accepts(session)).toBe(true);
    clock.now = 35 * HOUR;
    expect(sessions.accepts(session)).toBe(false);
    expect(sessions.accepts(session)).toBe(false);
  });

  it('are of the host that the browser was on, where they stay valid', () => {
    const { sessions, all } = createSessions();
    const session = sessions.redeem(sessions.createTicket()) ?? '';
    expect(all.accepts(session, 'ktx-1.localhost:80')).toBe(false);
    expect(sessions.accepts(session)).toBe(true);
  });

  it('are a limited number, of which the oldest ends', () => {
    const { sessions } = createSessions();
    const first = sessions.redeem(sessions.createTicket()) ?? '';
    const rest = Array.from({ length: 64 }, () => sessions.redeem(sessions.createTicket()) ?? '');
    expect(sessions.accepts(first)).toBe(false);
    expect(rest.every((session) => sessions.accepts(session))).toBe(true);
  });
});

describe('cookies', () => {
  it('are of one port', () => {
    expect(sessionCookie(80, 'abc')).toBe('ktx_page_80=abc; Path=/; HttpOnly; SameSite=Strict');
    expect(sessionsOf(80, 'ktx_page_8=x; ktx_page_80=abc; other=1')).toEqual(['abc']);
    expect(sessionsOf(80, 'ktx_page_80=of_another_port; ktx_page_80=abc')).toEqual(['of_another_port', 'abc']);
    expect(sessionsOf(81, 'ktx_page_80=abc')).toEqual([]);
    expect(sessionsOf(80, undefined)).toEqual([]);
  });
});
