/** The list of tables. */

import { countOf, formatNumber } from '../../site/format.js';
import { TableLink } from '../../view/parts/column-link.js';
import { DataText, Name } from '../../view/parts/name.js';
import { ScrollRegion } from '../../view/parts/scroll-region.js';
import type { ListedTable, TableGroup } from './data.js';
import type { Order, SortKey } from './order.js';

interface Props {
  groups: TableGroup[];
  connectionId: string;
  order: Order;
  /** Missing without a script. */
  onSort?: (key: SortKey) => void;
}

/** A table with a group of rows for each schema. */
export function TableList({ groups, connectionId, order, onSort }: Props) {
  const heading = { order, onSort };
  const comments = groups.some(({ tables }) => tables.some(({ comment }) => comment !== null));
  return (
    <ScrollRegion label="Tables">
      <table className={comments ? 'table-list' : 'table-list narrow'}>
        <caption className="visually-hidden">Tables of the newest scan by schema</caption>
        <thead>
          <tr>
            <SortHeading {...heading} sortKey="shortName" title="Name" />
            <SortHeading {...heading} sortKey="kind" title="Kind" />
            <SortHeading {...heading} sortKey="columnCount" title="Columns" className="number" />
            {comments && <th scope="col">Comment</th>}
          </tr>
        </thead>
        {groups.map(({ schema, tables }) => (
          <tbody key={schema ?? ''}>
            {schema !== null && <SchemaRow schema={schema} count={tables.length} comments={comments} />}
            {tables.map((table) => (
              <TableRow key={table.name} table={table} comments={comments} connectionId={connectionId} />
            ))}
          </tbody>
        ))}
      </table>
    </ScrollRegion>
  );
}

interface HeadingProps {
  sortKey: SortKey;
  title: string;
  order: Order;
  onSort: ((key: SortKey) => void) | undefined;
  className?: string;
}

function SortHeading({ sortKey, title, order, onSort, className }: HeadingProps) {
  const sorted = order.key === sortKey;
  const direction = order.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" className={className} aria-sort={sorted ? direction : undefined}>
      {onSort === undefined ? (
        title
      ) : (
        <button type="button" className="sort" onClick={() => onSort(sortKey)}>
          {title}
          <span aria-hidden="true">{sorted ? (order.descending ? ' ↓' : ' ↑') : ' ↕'}</span>
        </button>
      )}
    </th>
  );
}

function SchemaRow({ schema, count, comments }: { schema: string; count: number; comments: boolean }) {
  return (
    <tr className="schema">
      <th scope="rowgroup" colSpan={comments ? 4 : 3}>
        <Name>{schema}</Name> <span className="weak">{countOf(count, 'table')}</span>
      </th>
    </tr>
  );
}

function TableRow(props: { table: ListedTable; comments: boolean; connectionId: string }) {
  const { table, comments, connectionId } = props;
  const { name, shortName, kind, columnCount, comment } = table;
  return (
    <tr>
      <th scope="row">
        <TableLink connectionId={connectionId} to={{ name: shortName, page: name }} />
      </th>
      <td>{kind ?? 'unknown'}</td>
      <td className="number">{formatNumber(columnCount)}</td>
      {comments && <td className="weak">{comment !== null && <DataText>{comment}</DataText>}</td>}
    </tr>
  );
}
