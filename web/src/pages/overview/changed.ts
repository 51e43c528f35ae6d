/** The changed entities of a run, in short. */

import type { KtxRunReport, KtxTableSummary } from '@kaelio/ktx';
import { pageOfTable } from '../../site/plain-name.js';
import { CHANGE_KINDS, type ChangeOfEntity, changeInWords } from '../../site/run-words.js';

/** A changed entity. */
export interface ChangedName {
  name: string;
  change: ChangeOfEntity;
  /** What changed in it, in short; empty if nothing is recorded. */
  text: string;
  /** The name of its page, if it has one. */
  page: string | null;
}

/** Changes of a table that are named. */
const MAX_TEXTS = 2;

/** Lists what a run has changed: what was deleted and modified first, as it may need work. */
export function changedNames(
  { changes, details }: Pick<KtxRunReport, 'changes' | 'details'>,
  tables: Pick<KtxTableSummary, 'schema' | 'name'>[],
): ChangedName[] {
  const existing = new Set(tables.map(({ schema, name }) => (schema === null ? name : `${schema}.${name}`)));
  return [...CHANGE_KINDS].reverse().flatMap((change) =>
    changes[change].map((name) => {
      const text = change === 'modified' ? inShort(details?.[name] ?? []) : '';
      return { name, change, text, page: pageOfTable(name, existing) };
    }),
  );
}

function inShort(changes: NonNullable<KtxRunReport['details']>[string]): string {
  const words = changes.slice(0, MAX_TEXTS).map((change) => {
    const { kind, object, text } = changeInWords(change);
    return `${object === '' ? '' : `${object} `}${text}${kind === 'changed' ? '' : ` ${kind}`}`;
  });
  const more = changes.length - words.length;
  return [...words, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
