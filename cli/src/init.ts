/** `ktx init`. */

import { initKtxProject } from '@kaelio/ktx';
import type { CliIo } from './io.js';
import { printResult, printWarnings } from './output.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxInitArgs {
  projectDir: string;
  projectName?: string;
  json?: true;
}

/** Makes a project and says what to do with it. */
export async function runKtxInit(args: KtxInitArgs, io: CliIo): Promise<number> {
  const { projectDir, projectName, json } = args;
  const project = await initKtxProject({ projectDir, ...(projectName === undefined ? {} : { projectName }) });
  printWarnings(io, project.warnings);
  await printResult(io, json, project, () =>
    [
      `Made the project ${project.name} in ${project.projectDir}`,
      '',
      'Next:',
      `  1. Add a connection to ${project.configPath}, for example`,
      '       connections:',
      '         warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }',
      '  2. ktx connection test warehouse',
      '  3. ktx scan warehouse',
      '',
    ].join('\n'),
  );
  return 0;
}
