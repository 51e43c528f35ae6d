/** Reduces the answers of searches to a few kilobytes, so that an agent can search often. */

/** Maximum bytes of an answer as JSON. */
export const MAX_SEARCH_BYTES = 4000;

/** Drops the last entries of a list that is too large, and says so in `hint`. */
export function reduceToBytes<Entry, Answer extends object>(
  entries: Entry[],
  wrap: (entries: Entry[]) => Answer,
  advice: string,
): Answer & { hint?: string } {
  const whole = wrap(entries);
  if (bytesOf(whole) <= MAX_SEARCH_BYTES) return whole;
  let reduced = whole;
  for (let count = entries.length - 1; count >= 0 && bytesOf(reduced) > MAX_SEARCH_BYTES; count -= 1) {
    reduced = { ...wrap(entries.slice(0, count)), hint: `These are ${count} of ${entries.length}: ${advice}` };
  }
  return reduced;
}

function bytesOf(answer: object): number {
  return Buffer.byteLength(JSON.stringify(answer));
}
