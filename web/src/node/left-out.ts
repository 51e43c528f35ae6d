/** What the pages of static files leave out, as it cannot be read. */

import { failureText } from '../site/failure.js';
import type { LoadContext } from './context.js';
import { runRecord, scanOf } from './project-data.js';
import { semanticModel, sourceFiles } from './semantic-model.js';

/** A part of the project without pages. */
export interface LeftOut {
  kind: 'tables' | 'source' | 'metrics' | 'runs';
  /** `null` for what is of the whole project. */
  connectionId: string | null;
  /** Path of the file in the project; `null` if the reason names it. */
  path: string | null;
  reason: string;
}

/** Lists what is left out; not what the data policy denies. */
export async function listLeftOut(context: LoadContext): Promise<LeftOut[]> {
  const ofConnections = await Promise.all(context.databases.map(({ id }) => leftOutOf(context, id)));
  const { error } = await semanticModel(context);
  const { cause } = await runRecord(context);
  return [
    ...ofConnections.flat(),
    ...(error === undefined ? [] : [{ kind: 'metrics', connectionId: null, path: null, reason: error } as const]),
    ...(cause === null ? [] : [{ kind: 'runs', connectionId: null, path: null, reason: failureText(cause) } as const]),
  ];
}

async function leftOutOf(context: LoadContext, connectionId: string): Promise<LeftOut[]> {
  const { failure } = await scanOf(context, connectionId);
  const { unreadable } = await sourceFiles(context, connectionId);
  return [
    ...(failure === null ? [] : [{ kind: 'tables', connectionId, path: null, reason: failureText(failure) } as const]),
    ...unreadable.map(({ path, error }) => ({ kind: 'source', connectionId, path, reason: error }) as const),
  ];
}
