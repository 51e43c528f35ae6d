/** The page `tables`. */

import { useDeferredValue, useMemo, useState } from 'react';
import { countOf } from '../../site/format.js';
import { Missing } from '../../view/parts/missing.js';
import { useSite } from '../../view/site-context.js';
import { useScript } from '../../view/use-script.js';
import type { TableGroup, TablesData } from './data.js';
import { TableList } from './list.js';
import { arrangeTables, nextOrder, type Order } from './order.js';
import './style.css';

/** The view. */
export function TablesView({ data: { groups } }: { data: TablesData }) {
  const { route } = useSite();
  const connectionId = 'connectionId' in route ? route.connectionId : '';
  return (
    <>
      <h1>Tables</h1>
      {groups.length === 0 ? (
        <Missing command={['ktx', 'scan', connectionId]}>No scan has read the tables of this connection yet.</Missing>
      ) : (
        <FilteredList groups={groups} connectionId={connectionId} />
      )}
    </>
  );
}

function FilteredList({ groups, connectionId }: { groups: TableGroup[]; connectionId: string }) {
  const script = useScript();
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<Order>({ key: 'shortName', descending: false });
  const words = useDeferredValue(filter);
  const shown = useMemo(() => arrangeTables(groups, words, order), [groups, words, order]);
  const total = countTables(groups);
  const count = countTables(shown);
  return (
    <>
      <div className="list-tools">
        {script && (
          <label>
            Filter <input type="search" value={filter} onChange={({ target }) => setFilter(target.value)} />
          </label>
        )}
        <span className="weak" role="status">
          {count === total ? countOf(total, 'table') : `${count} of ${countOf(total, 'table')}`}
        </span>
      </div>
      <TableList
        groups={shown}
        connectionId={connectionId}
        order={order}
        {...(script && { onSort: (key) => setOrder(nextOrder(order, key)) })}
      />
    </>
  );
}

function countTables(groups: TableGroup[]): number {
  return groups.reduce((sum, { tables }) => sum + tables.length, 0);
}
