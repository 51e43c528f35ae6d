/** Choice of the measures, and of calculations with them. */

import { useMemo, useState } from 'react';
import { Name } from '../../../view/parts/name.js';
import { measureKey, measureOf, removeAt, toggleMeasure } from '../model/edit.js';
import type { Model } from '../model/model.js';
import type { Measure, QueryState } from '../model/query-state.js';
import type { ChangeQuery } from '../use-query.js';
import { type Choice, Picker } from './picker.js';

interface MeasuresProps {
  model: Model;
  state: QueryState;
  change: ChangeQuery;
}

/** The panel of the measures. */
export function Measures({ model, state, change }: MeasuresProps) {
  const { choices, measures } = useMemo(() => choicesOf(model), [model]);
  const chosen = useMemo(() => new Set(state.measures.map(measureKey)), [state.measures]);
  const toggle = (key: string) => {
    const measure = measures.get(key);
    if (measure !== undefined) change(toggleMeasure(state, measure));
  };
  return (
    <section className="panel" aria-labelledby="measures-title">
      <h3 id="measures-title">Measures</h3>
      <Picker title="Measures" choices={choices} chosen={chosen} onToggle={toggle} />
      <ol className="chosen" aria-label="Chosen measures">
        {state.measures.map((measure, index) => (
          <li key={measureKey(measure)}>
            <Name>{typeof measure === 'string' ? measure : `${measure.expr} as ${measure.name}`}</Name>
            <button
              type="button"
              aria-label={`Remove ${measureKey(measure)}`}
              onClick={() => change(removeAt(state, 'measures', index))}
            >
              Remove
            </button>
          </li>
        ))}
      </ol>
      <Calculation onAdd={(measure) => change(toggleMeasure(state, measure))} />
    </section>
  );
}

/** Form for an expression with a name. */
function Calculation({ onAdd }: { onAdd: (measure: Measure) => void }) {
  const [expr, setExpr] = useState('');
  const [name, setName] = useState('');
  const add = () => {
    onAdd({ expr: expr.trim(), name: name.trim() });
    setExpr('');
    setName('');
  };
  return (
    <details>
      <summary>Add a calculation</summary>
      <p className="weak">
        An expression over measures: <code>sum(orders.amount)</code>, <code>revenue / n</code>,{' '}
        <code>growth(orders.revenue, '1 year')</code>.
      </p>
      <div className="fields">
        <label className="wide">
          Expression
          <input value={expr} onChange={({ target }) => setExpr(target.value)} />
        </label>
        <label>
          Name
          <input value={name} onChange={({ target }) => setName(target.value)} />
        </label>
        <button type="button" disabled={expr.trim() === '' || name.trim() === ''} onClick={add}>
          Add calculation
        </button>
      </div>
    </details>
  );
}

function choicesOf({ sources, metrics, dialect }: Model): { choices: Choice[]; measures: Map<string, Measure> } {
  const measures = new Map<string, Measure>();
  const choices: Choice[] = [];
  const add = (source: string | null, { name, description, unit }: Model['metrics'][number]) => {
    const measure = measureOf(source, name, dialect);
    const key = measureKey(measure);
    measures.set(key, measure);
    choices.push({ key, group: source ?? 'Metrics', label: name, detail: unit, description });
  };
  for (const metric of metrics) add(null, metric);
  for (const source of sources) for (const measure of source.measures) add(source.name, measure);
  return { choices, measures };
}
