/** Polls the state file and the log of a background server. */

import { copyFile, readFile, rm, stat, truncate } from 'node:fs/promises';

/** Times of the polls in milliseconds. */
const INTERVALS = {
  /** Between polls. */
  poll: 5_000,
  /** Between polls until the state file names this process. */
  firstPoll: 500,
  /** Within which the starter writes the state file. */
  grace: 120_000,
};

/** Size at which the log is rotated; the previous part is kept as `<log>.1`. */
const MAX_LOG_BYTES = 8 * 1024 * 1024;

/** The file, the log, and the id by which the file names this process. */
export interface WatchedState {
  instance: string;
  stateFile: string;
  logFile: string;
}

/** Calls `onOrphaned` when the state file names another process or none, and keeps the log within its limit. */
export function watchState(watched: WatchedState, onOrphaned: () => void, intervals = INTERVALS): void {
  const started = Date.now();
  let wasNamed = false;
  const poll = async () => {
    await rotateLog(watched.logFile);
    const named = await isNamed(watched);
    wasNamed ||= named === true;
    const inGracePeriod = !wasNamed && Date.now() - started < intervals.grace;
    if (named === false && !inGracePeriod) onOrphaned();
    else setTimeout(() => void poll(), wasNamed ? intervals.poll : intervals.firstPoll).unref();
  };
  void poll();
}

/** Whether the file names this process; `undefined` if it cannot be read, which is no evidence of a successor. */
async function isNamed({ instance, stateFile }: WatchedState): Promise<boolean | undefined> {
  try {
    return (JSON.parse(await readFile(stateFile, 'utf8')) as { instance?: unknown } | null)?.instance === instance;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === undefined || code === 'ENOENT' || code === 'EISDIR' ? false : undefined;
  }
}

/** Copies and truncates the log, as the process has it open; without space for the copy, its lines are dropped. */
async function rotateLog(log: string): Promise<void> {
  try {
    if ((await stat(log)).size <= MAX_LOG_BYTES) return;
    await copyFile(log, `${log}.1`).catch(() => rm(`${log}.1`, { force: true }));
    await truncate(log, 0);
  } catch {
    // A log that cannot be rotated must not stop the server.
  }
}
