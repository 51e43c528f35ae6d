/** A new project as people read it. */

import type { KtxProject } from '@kaelio/ktx';

/** Where the project is, and the next steps. */
export function renderInit({ name, projectDir, configPath }: KtxProject): string {
  return [
    `Made the project ${name} in ${projectDir}`,
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
