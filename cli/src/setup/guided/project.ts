/** First step: the project. */

import { basename } from 'node:path';
import type { KtxProject } from '@kaelio/ktx';
import { InterruptedError } from '../../errors.js';
import { printWarnings } from '../../output/print.js';
import { environmentOption } from '../../terminal/io.js';
import { confirm } from '../../terminal/prompts.js';
import { openExistingProject } from '../existing-project.js';
import { asks, printStep, type Session } from './session.js';

/** Opens the project of the folder, or creates it. */
export async function openProject(session: Session, projectName: string | undefined): Promise<KtxProject> {
  const { projectDir, io, calls } = session;
  const existing = await openExistingProject({ projectDir, ...environmentOption(io) }, calls);
  if (existing !== undefined) {
    printWarnings(io, existing.warnings);
    printStep(session, 'Project', existing.configPath);
    return existing;
  }
  const question = `Create a project in ${projectDir}?`;
  if (asks(session) && !(await confirm(io, question))) throw new InterruptedError();
  const name = projectName ?? basename(projectDir);
  const project = await calls.initKtxProject({ projectDir, ...(name === '' ? {} : { projectName: name }) });
  printStep(session, 'Created the project', project.configPath);
  return project;
}
