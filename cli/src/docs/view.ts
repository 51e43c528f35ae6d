/** Text output of `ktx docs`. */

import type { BuiltSite } from '#web';
import { escapeOnOneLine } from '../output/control-characters.js';

/** Renders what was written, and what was not. */
export function renderBuilt({ folder, pages, bytes, leftOut }: BuiltSite): string {
  const size = (bytes / 1e6).toFixed(1);
  const lines = [
    `Wrote ${pages} pages, ${size} MB, to ${folder}`,
    'Open index.html there, or copy the folder to a static host',
    ...leftOut.map((each) => escapeOnOneLine(`Left out: ${nameOf(each)}: ${each.reason}`)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** `semantic-layer/shop/orders.yaml`, `the tables of shop` or `the runs` */
function nameOf({ kind, connectionId, path }: BuiltSite['leftOut'][number]): string {
  if (path !== null) return path;
  return connectionId === null ? `the ${kind}` : `the ${kind} of ${connectionId}`;
}
