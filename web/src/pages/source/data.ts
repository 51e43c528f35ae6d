/** Data of the page `source`. */

import type { LoadContext } from '../../node/context.js';
import { semanticSources } from '../../node/project-data.js';

/** Data of the page. */
export type SourceData = object;

/** Loads the data. */
export async function loadSource(_context: LoadContext): Promise<SourceData> {
  return {};
}

/** Names of the sources that can be read. */
export async function listSources(context: LoadContext, connectionId: string): Promise<string[]> {
  return (await semanticSources(context, connectionId)).filter(({ error }) => error === null).map(({ name }) => name);
}
