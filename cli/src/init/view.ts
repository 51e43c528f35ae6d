/** Text output of `ktx init`. */

import type { KtxProject } from '@kaelio/ktx';

/** Renders the location of the project and the next steps. */
export function renderInit({ name, projectDir, configPath }: KtxProject): string {
  return [
    `Created the project ${name} in ${projectDir}`,
    '',
    'Next:',
    `  1. Add a connection to ${configPath}, for example`,
    '       connections:',
    '         warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }',
    '  2. ktx connection test warehouse',
    '  3. ktx scan warehouse',
    '',
  ].join('\n');
}
