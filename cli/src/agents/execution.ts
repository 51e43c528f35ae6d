/** Whether agents may run queries. */

import type { KtxProject } from '@kaelio/ktx';
import type { CliIo } from '../terminal/io.js';
import { confirm } from '../terminal/prompts.js';

/** Asks once, naming the read-only connections; without any, agents may not, as the server refuses to query others. */
export async function askToExecute(io: CliIo, { connections }: Pick<KtxProject, 'connections'>): Promise<boolean> {
  const ids = connections.filter(({ readonly }) => readonly).map(({ id }) => id);
  if (ids.length === 0) return false;
  return confirm(io, `May agents run queries on ${ids.join(', ')}? They are read-only and limited`);
}
