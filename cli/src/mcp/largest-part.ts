/** Finds the list or text of a JSON value that takes the most bytes. */

import { cutText } from '../output/cut-text.js';

/** A list or a text, and where it is: `report.changes.added`. */
export interface LargestPart {
  path: string;
  length: number;
  /** Keeps the first entries or characters. */
  keep(length: number): void;
}

/** The largest list or text of its own, without what is within its lists; `undefined` if all are empty. */
export function largestPart(value: object): LargestPart | undefined {
  let largest: (LargestPart & { bytes: number }) | undefined;
  const offer = (bytes: number, part: LargestPart) => {
    if (part.length > 0 && bytes > (largest?.bytes ?? 0)) largest = { ...part, bytes };
  };
  const visit = (parent: object, path: string): number => {
    const isList = Array.isArray(parent);
    let sum = 0;
    for (const [key, child] of Object.entries(parent)) {
      const childPath = isList ? path : [path, key].filter(Boolean).join('.');
      const bytes = typeof child === 'object' && child !== null ? visit(child, childPath) : lengthOf(child);
      sum += bytes + (isList ? 0 : key.length);
      if (typeof child === 'string' && !isList) offer(bytes, textPart(parent, key, child, childPath));
    }
    if (isList) offer(sum, { path, length: parent.length, keep: (length) => void parent.splice(length) });
    return sum;
  };
  visit(value, '');
  return largest;
}

function textPart(parent: object, key: string, text: string, path: string): LargestPart {
  const keep = (length: number) =>
    Object.assign(parent, { [key]: length === 0 ? '' : `${cutText(text, length - 1)}…` });
  return { path, length: text.length, keep };
}

function lengthOf(value: unknown): number {
  return (JSON.stringify(value) ?? '').length;
}
