/** Options of a query that are needed less often. */

import { useId, useMemo } from 'react';
import { Name } from '../../../view/parts/name.js';
import { orderFields, withOption } from '../model/edit.js';
import type { QueryState } from '../model/query-state.js';
import type { ChangeQuery } from '../use-query.js';
import { CountInput } from './count-input.js';

interface OptionsProps {
  state: QueryState;
  change: ChangeQuery;
}

/** Keys that the page keeps and shows, and that only the URL can set. */
const KEPT = ['paths', 'parameters', 'now'] as const;

/** The panel, which is open if an option is set. */
export function Options({ state, change }: OptionsProps) {
  const { include_empty, fill_gaps, time_zone, top } = state;
  const isSet = [include_empty, fill_gaps, time_zone, top, ...KEPT.map((key) => state[key])].some(
    (value) => value !== undefined,
  );
  const id = useId();
  const zones = useMemo(() => ['UTC', ...Intl.supportedValuesOf('timeZone')], []);
  return (
    <details className="panel" open={isSet}>
      <summary>
        <h3>More options</h3>
      </summary>
      <div className="fields">
        <label>
          Groups without a value on one side
          <select
            value={String(include_empty ?? '')}
            onChange={({ target }) =>
              change(withOption(state, 'include_empty', target.value === '' ? undefined : target.value === 'true'))
            }
          >
            <option value="">all facts</option>
            <option value="true">also values of dimensions without facts</option>
            <option value="false">only facts with all dimensions</option>
          </select>
        </label>
        <label>
          Time zone
          <input
            list={id}
            placeholder="that of the session"
            value={time_zone ?? ''}
            onChange={({ target }) =>
              change(withOption(state, 'time_zone', target.value === '' ? undefined : target.value), { replace: true })
            }
          />
          <datalist id={id}>
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={fill_gaps === true}
            onChange={({ target }) => change(withOption(state, 'fill_gaps', target.checked ? true : undefined))}
          />{' '}
          List periods of metric_time without facts
        </label>
        <Top state={state} change={change} />
      </div>
      {KEPT.filter((key) => state[key] !== undefined).map((key) => (
        <p key={key} className="kept">
          {key} <Name>{JSON.stringify(state[key])}</Name>{' '}
          <button type="button" onClick={() => change(withOption(state, key, undefined))}>
            Remove {key}
          </button>
        </p>
      ))}
    </details>
  );
}

/** Only the first groups by a measure. */
function Top({ state, change }: OptionsProps) {
  const { top, measures, dimensions } = state;
  const fields = orderFields({ ...state, dimensions: [] });
  const first = fields[0];
  if (measures.length === 0 || dimensions.length === 0 || first === undefined) return null;
  const set = (next: Partial<NonNullable<QueryState['top']>>) =>
    change(withOption(state, 'top', { by: first, limit: 10, ...top, ...next }));
  return (
    <>
      <CountInput
        label="Only the first groups"
        least={1}
        placeholder="all"
        value={top?.limit}
        onChange={(limit) => (limit === undefined ? change(withOption(state, 'top', undefined)) : set({ limit }))}
      />
      {top !== undefined && (
        <>
          <label>
            By
            <select value={top.by} onChange={({ target }) => set({ by: target.value })}>
              {[...new Set([top.by, ...fields])].map((field) => (
                <option key={field}>{field}</option>
              ))}
            </select>
          </label>
          <label className="check">
            <input
              type="checkbox"
              checked={top.others === true}
              onChange={({ target }) => set({ others: target.checked })}
            />{' '}
            Add up the others in one row
          </label>
        </>
      )}
    </>
  );
}
