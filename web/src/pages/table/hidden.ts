/**
 * Leaves out what may show values of hidden columns. Profiles and everything of columns that the data policy masks come
 * without values; the schema of a column that only looks sensitive may still name some.
 */

import type { KtxTable, KtxTableCheck, KtxTableColumn } from '@kaelio/ktx';

/** Returns the column without its default and its allowed values if its values are hidden. */
export function withoutHiddenValues(column: KtxTableColumn): KtxTableColumn {
  if (column.profile?.hidden !== true) return column;
  const { default: _default, enumValues: _enumValues, ...rest } = column;
  return rest;
}

/** Returns the checks that name no hidden column. */
export function visibleChecks({ checks = [], columns }: Pick<KtxTable, 'checks' | 'columns'>): KtxTableCheck[] {
  const hidden = columns.filter(({ profile }) => profile?.hidden === true).map(({ name }) => name.toLowerCase());
  return checks.filter(({ expression }) => !hidden.some((name) => expression.toLowerCase().includes(name)));
}
