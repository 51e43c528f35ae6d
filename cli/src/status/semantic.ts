/** State of the semantic layer: whether its sources can be read and are valid. */

import type { KtxProject, KtxSemanticSourceSummary } from '@kaelio/ktx';
import { isDatabase } from '../connection/only-connection.js';
import { describeFailure } from '../errors.js';
import { quoteForShell } from '../output/shell.js';
import { pluralize } from '../output/text.js';
import { silentDaemonOptions } from '../runtime/managed.js';
import { type CliIo, callOptions, environmentOption } from '../terminal/io.js';
import type { StatusCalls } from './calls.js';
import type { StatusItem } from './item.js';

/** What the check of the sources needs. */
export interface SemanticCheck {
  project: KtxProject;
  cliVersion: string;
  /** Whether the runtime is ready; it is never installed for a status. */
  runtimeReady: boolean;
  io: CliIo;
}

/** Returns a line for each database that has sources, and one that says how to generate the first. */
export async function semanticItems(check: SemanticCheck, calls: StatusCalls): Promise<StatusItem[]> {
  const { projectDir, connections } = check.project;
  const sources = await calls.listKtxSemanticSources({ projectDir, ...environmentOption(check.io) });
  const ids = connections.filter(({ driver }) => isDatabase(driver)).map(({ id }) => id);
  const used = ids.filter((id) => sources.some(({ connectionId }) => connectionId === id));
  if (used.length > 0) {
    return Promise.all(used.map((id) => connectionItem(id, sources.filter(belongsTo(id)), check, calls)));
  }
  const detail = 'no sources yet';
  return [{ area: 'semantic-layer', name: 'sources', state: 'warning', detail, fix: 'ktx sl generate' }];
}

function belongsTo(id: string) {
  return ({ connectionId }: KtxSemanticSourceSummary) => connectionId === id;
}

async function connectionItem(
  id: string,
  sources: KtxSemanticSourceSummary[],
  check: SemanticCheck,
  calls: StatusCalls,
): Promise<StatusItem> {
  const item = { area: 'semantic-layer', name: id } as const;
  const measures = sources.reduce((count, source) => count + source.measures.length, 0);
  const counts = `${pluralize(sources.length, 'source')}, ${pluralize(measures, 'measure')}`;
  const fix = `ktx sl validate --connection-id ${quoteForShell(id)}`;
  if (!check.runtimeReady) {
    return { ...item, state: 'warning', detail: `${counts}: not checked without the runtime`, fix };
  }
  const problem = await findProblem(id, check, calls);
  if (problem === undefined) return { ...item, state: 'ok', detail: `${counts}: valid` };
  return { ...item, state: 'problem', detail: `${counts}: ${problem}`, fix };
}

async function findProblem(
  connectionId: string,
  { project, cliVersion, io }: SemanticCheck,
  calls: StatusCalls,
): Promise<string | undefined> {
  const managedDaemon = silentDaemonOptions({ cliVersion, installPolicy: 'never' }, io);
  const options = { projectDir: project.projectDir, connectionId, managedDaemon, ...callOptions(io) };
  try {
    const { valid, errors } = await calls.validateKtxSemanticSources(options);
    return valid ? undefined : `not valid, ${pluralize(errors.length, 'error')}`;
  } catch (error) {
    io.signal?.throwIfAborted();
    return `cannot be checked: ${describeFailure(error).message}`;
  }
}
