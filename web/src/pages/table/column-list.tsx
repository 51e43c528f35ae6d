/** The columns, each with its plots. */

import { anchorOf } from '../../site/anchor.js';
import { ColumnsLink } from '../../view/parts/column-link.js';
import { LongText } from '../../view/parts/long-text.js';
import { Missing } from '../../view/parts/missing.js';
import { Name } from '../../view/parts/name.js';
import { ColumnDetails } from './column-details.js';
import type { ShownColumn, TableData } from './data.js';
import { Plots } from './plot-list.js';
import './columns.css';

/** The section. */
export function ColumnList({ data }: { data: TableData }) {
  const { columns, connectionId } = data;
  return (
    <section>
      <h2>Columns</h2>
      {columns.every(({ plots }) => plots === null) && (
        <Missing command={['ktx', 'scan', connectionId, '--profile']}>
          No scan has profiled this table with these columns.
        </Missing>
      )}
      <ul className="columns">
        {columns.map((column) => (
          <Column key={column.name} column={column} data={data} />
        ))}
      </ul>
    </section>
  );
}

function Column({ column, data }: { column: ShownColumn; data: TableData }) {
  const { name, type, nullable, comment, plots } = column;
  return (
    <li id={anchorOf('column', name)}>
      <div className="column-schema">
        <h3>
          <Name>{name}</Name>
        </h3>
        <div className="column-type">
          {type !== '' && (
            <LongText code limit={80}>
              {type}
            </LongText>
          )}{' '}
          <span className="weak">{nullable ? 'nullable' : 'not null'}</span> <Marks column={column} data={data} />
        </div>
        {comment !== null && (
          <div className="column-comment">
            <LongText limit={240}>{comment}</LongText>
          </div>
        )}
        <ColumnDetails column={column} />
      </div>
      {plots !== null && <Plots plots={plots} column={name} />}
    </li>
  );
}

function Marks({
  column: { name, primaryKey, readable, maskingPolicy },
  data,
}: {
  column: ShownColumn;
  data: TableData;
}) {
  const { connectionId, facts, links } = data;
  const unique = !primaryKey && facts.uniqueKeys?.some((key) => key.length === 1 && key[0] === name) === true;
  return (
    <>
      {primaryKey && <span className="badge key">primary key</span>}
      {unique && <span className="badge key">unique</span>}
      {readable === false && <span className="badge failed">not readable</span>}
      {maskingPolicy !== undefined && (
        <span className="weak">
          masked by the policy <Name>{maskingPolicy}</Name>
        </span>
      )}
      {links.refersTo
        .filter(({ columns }) => columns.includes(name))
        .map(({ status, other, linked }) => (
          <span key={JSON.stringify(other)} className="reference">
            <span aria-hidden="true">→ </span>
            <span className="visually-hidden">refers to </span>
            <ColumnsLink connectionId={connectionId} to={other} linked={linked} />
            {status !== 'declared' && <span className={`badge ${status}`}>{status}</span>}
          </span>
        ))}
    </>
  );
}
