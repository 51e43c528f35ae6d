/** Data of the page `status`. */

import type { LoadContext } from '../../node/context.js';
import { connectionItems } from './connections.js';
import type { StatusItem } from './item.js';
import { machineItems } from './machine.js';
import { semanticItems } from './semantic.js';

/** Data of the page. */
export interface StatusData {
  /** Folder of the project; static files do not say it. */
  projectDir: string | null;
  environment: string | null;
  /** Names of the environments in `ktx.yaml`. */
  environments: string[];
  items: StatusItem[];
}

/** Loads the data. Static files leave out what is of this machine. */
export async function loadStatus(context: LoadContext): Promise<StatusData> {
  const { project, live } = context;
  const [connections, semantic, machine] = await Promise.all([
    connectionItems(context),
    semanticItems(context),
    live ? machineItems(context) : [],
  ]);
  return {
    projectDir: live ? project.projectDir : null,
    environment: project.environment ?? null,
    environments: project.environments ?? [],
    items: [...projectItems(project.warnings), ...connections, ...semantic, ...machine],
  };
}

function projectItems(warnings: string[]): StatusItem[] {
  return warnings.map((detail) => ({
    area: 'project',
    name: 'ktx.yaml',
    state: 'warning',
    detail,
    fix: 'correct it in ktx.yaml',
  }));
}
