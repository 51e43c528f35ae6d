/** Text output of `ktx trust`. */

import type { trustKtxProject } from '@kaelio/ktx';
import { pluralize } from '../output/text.js';

/** Renders the project, and the secrets that each connection may use. */
export function renderTrusted({ projectDir, references }: Awaited<ReturnType<typeof trustKtxProject>>): string {
  if (references.length === 0) return `Trusted ${projectDir}, which refers to nothing outside the project\n`;
  const lines = references.map(
    ({ connectionId, references, target }) =>
      `  ${connectionId}: ${references.join(', ')}${target === null ? '' : ` → ${target}`}\n`,
  );
  return `Trusted ${projectDir} with the references of ${pluralize(references.length, 'connection')}:\n${lines.join('')}`;
}
