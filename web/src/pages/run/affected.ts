/** What uses something that has changed, and where its page is. */

import { type AnchorKind, anchorOf } from '../../site/anchor.js';

/** A use: `measure orders.revenue`, in parts. */
export interface Affected {
  /** `source`, `measure`, `join`, … */
  kind: string;
  /** The rest of the text. */
  name: string;
  /** The source with the page that shows it, if there is one. */
  source?: string;
  /** Id of its row. */
  anchor?: string;
}

/** Reads a use; `sources` has those with a page. */
export function affectedOf(text: string, sources: Set<string>): Affected {
  const space = text.indexOf(' ');
  const kind = text.slice(0, Math.max(space, 0));
  const name = text.slice(space + 1);
  if (kind === 'source' && sources.has(name)) return { kind, name, source: name };
  const dot = name.indexOf('.');
  const source = name.slice(0, Math.max(dot, 0));
  if (!sources.has(source)) return { kind, name };
  if (kind !== 'measure' && kind !== 'segment') return { kind, name, source };
  return { kind, name, source, anchor: anchorOf(kind satisfies AnchorKind, name.slice(dot + 1)) };
}
