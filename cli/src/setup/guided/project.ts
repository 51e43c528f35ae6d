/** First step: the project. */

import { basename } from 'node:path';
import { initKtxProject, type KtxProject, loadKtxProject } from '@kaelio/ktx';
import { InterruptedError } from '../../errors.js';
import { printWarnings } from '../../output/print.js';
import { environmentOption } from '../../terminal/io.js';
import { confirm } from '../../terminal/prompts.js';
import { asks, printStep, type Session } from './session.js';

/** Opens the project of the folder, or creates it. */
export async function openProject(session: Session, projectName: string | undefined): Promise<KtxProject> {
  const { projectDir, io } = session;
  try {
    const project = await loadKtxProject({ projectDir, ...environmentOption(io) });
    printWarnings(io, project.warnings);
    printStep(session, 'Project', project.configPath);
    return project;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'KTX_PROJECT_MISSING') throw error;
  }
  const question = `Create a project in ${projectDir}?`;
  if (asks(session) && !(await confirm(io, question))) throw new InterruptedError();
  const name = projectName ?? basename(projectDir);
  const project = await initKtxProject({ projectDir, ...(name === '' ? {} : { projectName: name }) });
  printStep(session, 'Created the project', project.configPath);
  return project;
}
