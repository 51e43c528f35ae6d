/** Runs `ktx init`. */

import { initKtxProject } from '@kaelio/ktx';
import { printResult, printWarnings } from '../output/print.js';
import type { CliIo } from '../terminal/io.js';
import { renderInit } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxInitArgs {
  projectDir: string;
  projectName?: string;
  json?: true;
}

/** Creates a project and prints the next steps. */
export async function runKtxInit(args: KtxInitArgs, io: CliIo): Promise<number> {
  const { projectDir, projectName, json } = args;
  const project = await initKtxProject({ projectDir, ...(projectName === undefined ? {} : { projectName }) });
  printWarnings(io, project.warnings);
  await printResult(io, json, project, () => renderInit(project));
  return 0;
}
