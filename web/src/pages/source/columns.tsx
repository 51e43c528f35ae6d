/** Columns of a source. */

import type { KtxSemanticColumn } from '@kaelio/ktx';
import { anchorOf } from '../../site/anchor.js';
import { formatNumber } from '../../site/format.js';
import { DataText, Name } from '../../view/parts/name.js';

/** Number of values that are listed of a column. */
const MAX_VALUES = 12;

const VISIBILITIES = {
  public: 'public',
  internal: 'internal: for joins and expressions',
  hidden: 'hidden: for joins and expressions',
};

/** The section of the columns. */
export function Columns({ columns }: { columns: KtxSemanticColumn[] }) {
  return (
    <>
      <h2>Columns</h2>
      {columns.length === 0 ? (
        <p className="weak">No columns: nothing to group or filter by.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
        <section className="scroll" aria-label="Columns" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Column</th>
                <th scope="col">Type</th>
                <th scope="col">Expression and values</th>
                <th scope="col">Visibility</th>
              </tr>
            </thead>
            <tbody>
              {columns.map((column) => (
                <Row key={column.name} column={column} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

function Row({ column }: { column: KtxSemanticColumn }) {
  const { name, type, expr, measure, visibility = 'public', description, granularity, time_zone } = column;
  return (
    <tr id={anchorOf('column', name)}>
      <th scope="row">
        <Name>{name}</Name>
        {description !== undefined && (
          <span className="detail">
            <DataText>{description}</DataText>
          </span>
        )}
      </th>
      <td>
        {type}
        {granularity !== undefined && <span className="detail">of a {granularity}</span>}
        {time_zone !== undefined && (
          <span className="detail">
            {time_zone === 'instant' ? 'with a zone' : <DataText>{`in ${time_zone}`}</DataText>}
          </span>
        )}
      </td>
      <td>
        {expr !== undefined && <Name>{expr}</Name>}
        {measure !== undefined && (
          <>
            <Name>{measure}</Name> for each row
          </>
        )}
        <Values values={column.values ?? []} />
      </td>
      <td className={visibility === 'public' ? 'weak' : undefined}>{VISIBILITIES[visibility]}</td>
    </tr>
  );
}

function Values({ values }: { values: (string | number | boolean)[] }) {
  if (values.length === 0) return null;
  const more = values.length - MAX_VALUES;
  return (
    <span className="detail">
      one of{' '}
      {values.slice(0, MAX_VALUES).map((value, index) => (
        <span key={String(value)}>
          {index > 0 && ', '}
          <Name>{String(value)}</Name>
        </span>
      ))}
      {more > 0 && ` and ${formatNumber(more)} more`}
    </span>
  );
}
