/** Whether the measures of a connection can be compiled, which the daemon finds out. */

import type { Api } from '../site/api.js';
import type { LoadContext } from './context.js';
import type { PageActions } from './options.js';
import { metricsOf, sourceContents } from './semantic-model.js';

/** Parts of a source in errors, and where it has them. */
const PARTS = { column: 'columns', measure: 'measures', segment: 'segments' } as const;

/**
 * Validates the sources of a connection, once for the requests that find the same files. Without `start`, nothing is
 * started for it: `null` if no daemon is running.
 */
export async function validate(
  { connectionId, start }: Api['validation']['request'],
  context: LoadContext,
  { canValidate, validate: run }: Pick<PageActions, 'canValidate' | 'validate'>,
): Promise<Api['validation']['response']> {
  const key = `validation ${connectionId}`;
  if (!start && !context.has(key) && !(await canValidate())) return null;
  return context.once(key, async () => {
    const { errors, warnings } = await run({ connectionId });
    const names = await shownNames(context, connectionId);
    const isShown = (text: string) => names.some((name) => text.startsWith(`${name}: `));
    return { errors: errors.filter(isShown), warnings: warnings.filter(isShown) };
  });
}

/**
 * What findings begin with, of what pages show: files that cannot be read are listed by themselves, and parts that the data
 * policy denies are on no page.
 */
async function shownNames(context: LoadContext, connectionId: string): Promise<string[]> {
  const sources = await sourceContents(context, connectionId);
  const metrics = await metricsOf(context, connectionId);
  return [
    'calendar',
    ...metrics.map(({ name }) => `metric '${name}'`),
    ...sources.flatMap((source) => [
      source.name,
      ...['paths', 'grain'].map((part) => `${source.name}, ${part}`),
      ...(source.joins ?? []).map(({ to, alias }) => `${source.name}, join to '${alias ?? to}'`),
      ...Object.entries(PARTS).flatMap(([kind, key]) =>
        (source[key] ?? []).map(({ name }) => `${source.name}, ${kind} '${name}'`),
      ),
    ]),
  ];
}
