/** Limits of the HTTP server. */

/** Maximum bytes of a request body. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

/** Maximum number of sessions; beyond it, the session that has been idle longest is closed. */
export const MAX_SESSIONS = 256;

/** Maximum number of connections; further ones are closed. */
export const MAX_CONNECTIONS = 1024;

/** Time after which a session without requests and open streams is closed. */
export const SESSION_IDLE_MS = 30 * 60_000;

/** Time between searches for idle sessions. */
export const IDLE_CHECK_MS = 30_000;

/** Time limit of the head of a request, and of the whole request. */
export const HEAD_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 60_000;

/** Time between checks of these two limits. */
export const TIMEOUT_CHECK_MS = 2_000;

/** Time that an idle connection is kept open. */
export const KEEP_ALIVE_MS = 60_000;

/** Time that running calls have to finish when the server stops. */
export const DRAIN_MS = 10_000;
