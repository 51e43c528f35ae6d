/** Conditions of the query: filters, and segments of the sources. */

import { useState } from 'react';
import { Name } from '../../../view/parts/name.js';
import { useRoving } from '../../../view/use-roving.js';
import { removeAt } from '../model/edit.js';
import type { Model } from '../model/model.js';
import type { QueryState } from '../model/query-state.js';
import type { ChangeQuery } from '../use-query.js';
import { FilterForm } from './filter-form.js';

interface FiltersProps {
  model: Model;
  state: QueryState;
  change: ChangeQuery;
}

/** The panel of the conditions. All of them apply. */
export function Filters({ model, state, change }: FiltersProps) {
  const add = (filter: string) => {
    if (!state.filters.includes(filter)) change({ ...state, filters: [...state.filters, filter] });
  };
  const [text, setText] = useState('');
  return (
    <section className="panel" aria-labelledby="filters-title">
      <h3 id="filters-title">Filters</h3>
      <ul className="chosen" aria-label="Filters of the query">
        {state.filters.map((filter, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a filter may be there twice
          <li key={index}>
            <Name>{filter}</Name>
            <button
              type="button"
              aria-label={`Edit ${filter}`}
              onClick={() => {
                setText(filter);
                change(removeAt(state, 'filters', index));
              }}
            >
              Edit
            </button>
            <button
              type="button"
              aria-label={`Remove ${filter}`}
              onClick={() => change(removeAt(state, 'filters', index))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <FilterForm model={model} onAdd={add} />
      <div className="fields">
        <label className="text">
          Or as text
          <input
            value={text}
            placeholder="orders.status != 'returned'"
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        <button
          type="button"
          disabled={text.trim() === ''}
          onClick={() => {
            add(text.trim());
            setText('');
          }}
        >
          Add text
        </button>
      </div>
      <Segments model={model} state={state} change={change} />
    </section>
  );
}

function Segments({ model: { sources }, state, change }: FiltersProps) {
  const declared = sources.flatMap(({ name: source, segments }) =>
    segments.map(({ name, description }) => ({ key: `${source}.${name}`, description })),
  );
  const known = new Set(declared.map(({ key }) => key));
  const others = state.segments.filter((key) => !known.has(key)).map((key) => ({ key, description: undefined }));
  const all = [...declared, ...others];
  const roving = useRoving(all.map(({ key }) => key));
  if (all.length === 0) return null;
  const toggle = (key: string) => {
    const rest = state.segments.filter((each) => each !== key);
    change({ ...state, segments: rest.length < state.segments.length ? rest : [...rest, key] });
  };
  return (
    <fieldset className="segments">
      <legend>Segments</legend>
      {/* biome-ignore lint/a11y/useSemanticElements: the element around it has the legend */}
      <div role="group" aria-label="Segments, between which the arrow keys move" {...roving.group}>
        {all.map(({ key, description }) => (
          <label key={key}>
            <input
              type="checkbox"
              checked={state.segments.includes(key)}
              onChange={() => toggle(key)}
              {...roving.control(key)}
            />{' '}
            <Name>{key}</Name> {description !== undefined && <small>{description}</small>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
