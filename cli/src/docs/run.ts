/** Runs `ktx docs build`: the page of a project as static files. */

import { join, relative, sep } from 'node:path';
import { loadKtxProject } from '@kaelio/ktx';
import { CliError } from '../errors.js';
import { printResult, printWarnings } from '../output/print.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { renderBuilt } from './view.js';

/** Arguments of the command; the paths are absolute. */
export interface KtxDocsArgs {
  command: 'build';
  projectDir: string;
  folder: string;
  json?: true;
}

/** Folders of a project, which commands write and read. */
const PROJECT_FOLDERS = ['.ktx', 'notes', 'prompts', 'raw-sources', 'relationships', 'semantic-layer'];

/** Runs the command. Nothing of the folder is changed before all pages are written. */
export async function runKtxDocs({ projectDir, folder, json }: KtxDocsArgs, io: CliIo): Promise<number> {
  const selected = { projectDir, ...environmentOption(io) };
  const project = await loadKtxProject(selected);
  printWarnings(io, project.warnings);
  requireOutside(projectDir, folder);
  const { buildSite, ForeignFolderError } = await import('#web');
  const progress = createProgress(io);
  try {
    const built = await buildSite({
      project,
      environment: io.environment,
      folder,
      onProgress: (count) => progress('Writing pages', count),
      signal: io.signal,
    });
    endProgress(io);
    await printResult(io, json, { ...built, entry: join(folder, 'index.html') }, () => renderBuilt(built));
    return 0;
  } catch (error) {
    if (!(error instanceof ForeignFolderError)) throw error;
    throw new CliError('KTX_ARGUMENT_INVALID', error.message, 'Choose a new or an empty folder');
  }
}

/** Pages among the files of the project would be read as such. */
function requireOutside(projectDir: string, folder: string): void {
  const [first = ''] = relative(projectDir, folder).split(sep);
  if (!PROJECT_FOLDERS.includes(first)) return;
  throw new CliError('KTX_ARGUMENT_INVALID', `${folder} is in a folder of the project`, 'Choose a folder of its own');
}
