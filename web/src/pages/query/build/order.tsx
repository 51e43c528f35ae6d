/** Order of the rows, and which of them. */

import { orderFields, removeAt, setOrder, withOption } from '../model/edit.js';
import type { QueryState } from '../model/query-state.js';
import type { ChangeQuery } from '../use-query.js';
import { CountInput } from './count-input.js';

interface OrderProps {
  state: QueryState;
  change: ChangeQuery;
}

/** The panel of the order, the limit and the offset. */
export function OrderAndLimit({ state, change }: OrderProps) {
  const fields = orderFields(state);
  const free = fields.filter((field) => !state.order_by.some((order) => order.field === field));
  return (
    <section className="panel" aria-labelledby="order-title">
      <h3 id="order-title">Order and rows</h3>
      <ol className="chosen" aria-label="Order">
        {state.order_by.map(({ field, direction }, index) => (
          <li key={field}>
            <select
              aria-label={`Field ${index + 1} of the order`}
              value={field}
              onChange={({ target }) => change(setOrder(state, index, { field: target.value, direction }))}
            >
              {[field, ...free].map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
            <select
              aria-label={`Direction of ${field}`}
              value={direction}
              onChange={({ target }) =>
                change(setOrder(state, index, { field, direction: target.value === 'desc' ? 'desc' : 'asc' }))
              }
            >
              <option value="asc">ascending</option>
              <option value="desc">descending</option>
            </select>
            <button
              type="button"
              aria-label={`Remove ${field} from the order`}
              onClick={() => change(removeAt(state, 'order_by', index))}
            >
              Remove
            </button>
          </li>
        ))}
      </ol>
      <div className="fields">
        <button
          type="button"
          disabled={free.length === 0}
          onClick={() => change(setOrder(state, state.order_by.length, { field: free[0] ?? '', direction: 'desc' }))}
        >
          Add to the order
        </button>
        <CountInput
          label="Limit"
          least={1}
          placeholder="1000"
          value={state.limit}
          onChange={(limit) => change(withOption(state, 'limit', limit), { replace: true })}
        />
        <CountInput
          label="Rows to leave out"
          least={0}
          placeholder="0"
          value={state.offset}
          onChange={(offset) => change(withOption(state, 'offset', offset), { replace: true })}
        />
      </div>
    </section>
  );
}
