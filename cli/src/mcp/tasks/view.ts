/** Parts of a task that both revisions of the protocol show. */

import type { Task } from './task.js';

/** Suggested time between two looks at a task. */
export const POLL_INTERVAL_MS = 1000;

/** Facts of a task that have the same name in both revisions. */
export function commonFacts(task: Task) {
  const statusMessage = failureOf(task) ?? task.message;
  return {
    taskId: task.id,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt: task.createdAt.toISOString(),
    lastUpdatedAt: task.changedAt.toISOString(),
  };
}

/** The sentence of a failure; `undefined` if the call has not ended, was cancelled, or succeeded. */
export function failureOf({ state, outcome }: Task): string | undefined {
  if (state !== 'ended' || outcome === undefined) return undefined;
  if (outcome instanceof Error) return outcome.message;
  if (outcome.isError !== true) return undefined;
  const [first] = outcome.content;
  return first?.type === 'text' ? first.text : 'The call failed';
}
