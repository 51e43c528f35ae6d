/** A trusted project as people read it. */

import type { trustKtxProject } from '@kaelio/ktx';
import { count } from '../output/text.js';

/** The project, and which secrets each of its connections may use. */
export function renderTrusted({ projectDir, references }: Awaited<ReturnType<typeof trustKtxProject>>): string {
  if (references.length === 0) return `Trusted ${projectDir}, which refers to nothing outside it\n`;
  const lines = references.map(
    ({ connectionId, references, target }) =>
      `  ${connectionId}: ${references.join(', ')}${target === null ? '' : ` → ${target}`}\n`,
  );
  return `Trusted ${projectDir} with what ${count(references.length, 'connection')} may use:\n${lines.join('')}`;
}
