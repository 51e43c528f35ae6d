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
  const rows = groups.some(({ tables }) => tables.some((table) => table.rows !== null));
  const shown = { comments, rows };
  return (
    <ScrollRegion label="Tables">
      <table className={comments ? 'table-list' : 'table-list narrow'}>
        <caption className="visually-hidden">Tables of the newest scan by schema</caption>
        <thead>
          <tr>
            <SortHeading {...heading} sortKey="shortName" title="Name" />
            <SortHeading {...heading} sortKey="kind" title="Kind" />
            <SortHeading {...heading} sortKey="columnCount" title="Columns" className="number" />
            {rows && <SortHeading {...heading} sortKey="rows" title="Rows" className="number" />}
            {comments && <th scope="col">Comment</th>}
          </tr>
        </thead>
        {groups.map(({ schema, tables }) => (
          <tbody key={schema ?? ''}>
            {schema !== null && <SchemaRow schema={schema} count={tables.length} {...shown} />}
            {tables.map((table) => (
              <TableRow key={table.name} table={table} {...shown} connectionId={connectionId} />
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

/** Columns that are left out if they would be empty. */
interface Shown {
  comments: boolean;
  rows: boolean;
}

function SchemaRow({ schema, count, comments, rows }: Shown & { schema: string; count: number }) {
  return (
    <tr className="schema">
      <th scope="rowgroup" colSpan={3 + Number(rows) + Number(comments)}>
        <Name>{schema}</Name> <span className="weak">{countOf(count, 'table')}</span>
      </th>
    </tr>
  );
}

function TableRow({ table, comments, rows, connectionId }: Shown & { table: ListedTable; connectionId: string }) {
  const { name, shortName, kind, columnCount, comment } = table;
  return (
    <tr>
      <th scope="row">
        <TableLink connectionId={connectionId} to={{ name: shortName, page: name }} />
      </th>
      <td>{kind ?? 'unknown'}</td>
      <td className="number">{formatNumber(columnCount)}</td>
      {rows && <td className="number">{rowsInWords(table)}</td>}
      {comments && <td className="weak">{comment !== null && <DataText>{comment}</DataText>}</td>}
    </tr>
  );
}

/** `1,200`, `≈ 1,200` for an estimate, or nothing. */
function rowsInWords({ rows, rowsExact }: ListedTable): string {
  if (rows === null) return '';
  return rowsExact ? formatNumber(rows) : `≈ ${formatNumber(rows)}`;
}
