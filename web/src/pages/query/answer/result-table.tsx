/** Rows of a result. */

import type { KtxSqlResult } from '@kaelio/ktx';
import { useMemo } from 'react';
import { countOf } from '../../../site/format.js';
import { isNumericColumn, textOf } from '../chart/values.js';

const LIMITS: Record<NonNullable<KtxSqlResult['truncatedBy']>, string> = {
  limit: 'the limit of the query',
  rows: 'the most rows that the page fetches',
  bytes: 'the most bytes that the page fetches',
};

/** The table. It has all values, with the digits that `ktx sl query` prints. */
export function ResultTable({ result }: { result: KtxSqlResult }) {
  const { columns, rows, truncated, truncatedBy } = result;
  const numeric = useMemo(() => columns.map(({ type }, index) => isNumericColumn(rows, index, type)), [columns, rows]);
  return (
    <section aria-labelledby="result-title">
      <h3 id="result-title">Rows</h3>
      <p role="status">
        {countOf(rows.length, 'row')}
        {truncated &&
          `, and there are more: ${truncatedBy === undefined ? 'the result is cut' : `${LIMITS[truncatedBy]} is reached`}`}
        .
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
      <section className="scroll result" aria-label="Rows of the result" tabIndex={0}>
        <table>
          <caption className="visually-hidden">Result of the query, {countOf(rows.length, 'row')}</caption>
          <thead>
            <tr>
              {columns.map(({ name }, index) => (
                <th key={name} scope="col" className={numeric[index] ? 'number' : undefined}>
                  <bdi>{name}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity
              <tr key={index}>
                {row.map((value, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the order of the columns
                  <td key={column} className={numeric[column] ? 'number' : undefined}>
                    {value === null ? <span className="null">NULL</span> : <bdi>{textOf(value)}</bdi>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
