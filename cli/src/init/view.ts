/** Text output of `ktx init`. */

import type { KtxProject } from '@kaelio/ktx';

/** Renders the location of the project and the next steps. */
export function renderInit({ name, projectDir }: KtxProject): string {
  return [
    `Created the project ${name} in ${projectDir}`,
    '',
    'Next:',
    '  1. ktx connection add warehouse',
    '  2. ktx scan warehouse',
    '',
  ].join('\n');
}
