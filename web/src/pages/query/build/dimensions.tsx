/** Choice of the dimensions, with granularities for times. */

import type { KtxSemanticDimension } from '@kaelio/ktx';
import { useMemo } from 'react';
import { Name } from '../../../view/parts/name.js';
import { dimensionKey, dimensionOf, removeAt, setDimension, toggleDimension } from '../model/edit.js';
import { CHOICES, METRIC_TIME, wordsOf } from '../model/granularity.js';
import type { Model } from '../model/model.js';
import type { QueryState } from '../model/query-state.js';
import type { ChangeQuery } from '../use-query.js';
import { type Choice, Picker } from './picker.js';

interface DimensionsProps {
  model: Model;
  state: QueryState;
  change: ChangeQuery;
}

/** Granularity that a time has at first. */
const FIRST_GRANULARITY = 'month';

/** The panel of the dimensions. */
export function Dimensions({ model, state, change }: DimensionsProps) {
  const { choices, dimensions, times } = useMemo(() => choicesOf(model), [model]);
  const chosen = useMemo(() => new Set(state.dimensions.map(dimensionKey)), [state.dimensions]);
  const toggle = (key: string) => {
    const dimension = dimensions.get(key);
    if (dimension === undefined) return;
    const granularity = times.has(key) ? { granularity: FIRST_GRANULARITY } : {};
    change(toggleDimension(state, { ...dimension, ...granularity }));
  };
  return (
    <section className="panel" aria-labelledby="dimensions-title">
      <h3 id="dimensions-title">Dimensions</h3>
      <Picker title="Dimensions" choices={choices} chosen={chosen} onToggle={toggle} />
      <ol className="chosen" aria-label="Chosen dimensions">
        {state.dimensions.map((dimension, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a field may be chosen with several granularities
          <li key={index}>
            <Name>{nameOf(dimension)}</Name>
            {(dimension.granularity !== undefined || times.has(dimensionKey(dimension))) && (
              <GranularitySelect dimension={dimension} onChange={(next) => change(setDimension(state, index, next))} />
            )}
            <button
              type="button"
              aria-label={`Remove ${nameOf(dimension)}`}
              onClick={() => change(removeAt(state, 'dimensions', index))}
            >
              Remove
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

interface GranularitySelectProps {
  dimension: KtxSemanticDimension;
  onChange: (dimension: KtxSemanticDimension) => void;
}

function GranularitySelect({ dimension, onChange }: GranularitySelectProps) {
  const { granularity = '', ...rest } = dimension;
  return (
    <select
      aria-label={`Granularity of ${nameOf(dimension)}`}
      value={granularity}
      onChange={({ target }) => onChange(target.value === '' ? rest : { ...rest, granularity: target.value })}
    >
      <option value="">as it is</option>
      {CHOICES.map((each) => (
        <option key={each} value={each}>
          {wordsOf(each)}
        </option>
      ))}
    </select>
  );
}

function nameOf({ field, expr, name }: KtxSemanticDimension): string {
  return name === undefined ? (field ?? expr ?? '') : `${field ?? expr} as ${name}`;
}

function choicesOf({ sources, hasMetricTime, dialect }: Model) {
  const dimensions = new Map<string, KtxSemanticDimension>();
  const times = new Set<string>();
  const choices: Choice[] = [];
  const add = (dimension: KtxSemanticDimension, isTime: boolean, choice: Omit<Choice, 'key'>) => {
    const key = dimensionKey(dimension);
    dimensions.set(key, dimension);
    if (isTime) times.add(key);
    choices.push({ key, ...choice });
  };
  if (hasMetricTime) {
    const description = 'The time of each measure, for measures of several sources';
    add(dimensionOf(null, '', dialect), true, {
      group: 'All measures',
      label: METRIC_TIME,
      detail: 'time',
      description,
    });
  }
  for (const source of sources) {
    const group = source.roleOf === undefined ? source.name : `${source.name} (${source.roleOf})`;
    for (const { name, type, description } of source.columns) {
      add(dimensionOf(source.name, name, dialect), type === 'time', { group, label: name, detail: type, description });
    }
  }
  return { choices, dimensions, times };
}
