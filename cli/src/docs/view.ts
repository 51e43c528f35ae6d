/** Text output of `ktx docs`. */

import type { BuiltSite } from '#web';

/** Renders what was written. */
export function renderBuilt({ folder, pages, bytes }: BuiltSite): string {
  const size = (bytes / 1e6).toFixed(1);
  return `Wrote ${pages} pages, ${size} MB, to ${folder}\nOpen index.html there, or copy the folder to a static host\n`;
}
