/** Reduces the answers of searches to a few kilobytes, so that an agent can search often. */

/** Maximum bytes of an answer as JSON. */
export const MAX_SEARCH_BYTES = 4000;

/** What an answer of a search leaves out, and how to see it. */
export interface LeftOut {
  truncated?: true;
  hint?: string;
}

/** How to see what an answer leaves out. */
export interface SearchAdvice {
  /** Arguments that select fewer entries. */
  narrow: string;
  /** The argument with the number of entries; a higher one makes no room in an answer that is full. */
  limit?: string;
}

/** Drops the last entries of a list that is too large. `hint` says so, or what lies behind the limit that cut the list. */
export function reduceToBytes<Entry, Answer extends object>(
  { entries, truncated }: { entries: Entry[]; truncated: boolean },
  wrap: (entries: Entry[]) => Answer,
  { narrow, limit }: SearchAdvice,
): Answer & LeftOut {
  const wider = limit === undefined ? `set ${narrow}` : `set ${limit}, ${narrow}`;
  const more: LeftOut = truncated ? { truncated, hint: `Further ones rank lower: ${wider}` } : {};
  let reduced = { ...wrap(entries), ...more };
  for (let count = entries.length - 1; count >= 0 && bytesOf(reduced) > MAX_SEARCH_BYTES; count -= 1) {
    const hint = `These are ${count} of ${entries.length}, which fill the answer: set ${narrow}`;
    reduced = { ...wrap(entries.slice(0, count)), truncated: true, hint };
  }
  return reduced;
}

function bytesOf(answer: object): number {
  return Buffer.byteLength(JSON.stringify(answer));
}
