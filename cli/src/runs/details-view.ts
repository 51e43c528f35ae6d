/** Text output of what changed in tables. */

import type { KtxRunReport, KtxTableChange } from '@kaelio/ktx';
import { toShortLine } from '../output/text.js';

/** Maximum changes of a table, and maximum effects of a change, before `… and N more`. */
const MAX_CHANGES = 6;
const MAX_EFFECTS = 4;

/** The changes of a table as indented lines, with what they affect; `all` lists every one. */
export function changeLines(table: string, { details }: KtxRunReport, all: boolean): string[] {
  const changes = details?.[table] ?? [];
  const shown = all ? changes : changes.slice(0, MAX_CHANGES);
  const hidden = changes.length - shown.length;
  const lines = shown.map((change) => `    ${toShortLine(change.text)}${effects(change, all)}`);
  return hidden > 0 ? [...lines, `    … and ${hidden} more`] : lines;
}

function effects({ affects = [] }: KtxTableChange, all: boolean): string {
  const shown = all ? affects : affects.slice(0, MAX_EFFECTS);
  const hidden = affects.length - shown.length;
  const texts = [...shown.map(toShortLine), ...(hidden > 0 ? [`${hidden} more`] : [])];
  return texts.length === 0 ? '' : ` (affects ${texts.join(', ')})`;
}
