/** Data of the page `status`. */

import type { LoadContext } from '../../node/context.js';
import { runRecord } from '../../node/project-data.js';
import type { ReadFailure } from '../../site/failure.js';
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
  const [{ failure }, connections, semantic, machine] = await Promise.all([
    runRecord(context),
    connectionItems(context),
    semanticItems(context),
    live ? machineItems(context) : [],
  ]);
  return {
    projectDir: live ? project.projectDir : null,
    environment: project.environment ?? null,
    environments: project.environments ?? [],
    items: [...projectItems(project.warnings), ...runItems(failure), ...connections, ...semantic, ...machine],
  };
}

/** A line for a store that cannot be read. */
function runItems(failure: ReadFailure | null): StatusItem[] {
  if (failure === null) return [];
  const { message: detail, hint } = failure;
  return [{ area: 'project', name: 'runs', state: 'problem', detail, ...(hint === null ? {} : { fix: hint }) }];
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
