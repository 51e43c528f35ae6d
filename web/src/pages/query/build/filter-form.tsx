/** Form that makes the text of a filter from a field, an operator and values. */

import { useId, useMemo, useState } from 'react';
import { type FilterField, OPERATORS, type Operator, PERIOD_EXAMPLES, writeFilter } from '../model/filter.js';
import { METRIC_TIME } from '../model/granularity.js';
import type { Model } from '../model/model.js';

/** What can be compared, with some of its values. */
interface Comparable extends FilterField {
  values?: (string | number | boolean)[] | undefined;
}

/** The form; `onAdd` gets the text. */
export function FilterForm({ model, onAdd }: { model: Model; onAdd: (filter: string) => void }) {
  const fields = useMemo(() => fieldsOf(model), [model]);
  const [fieldName, setFieldName] = useState('');
  const [operatorId, setOperatorId] = useState('');
  const [values, setValues] = useState(['', '']);
  const id = useId();
  // There may be thousands, which only change with the model.
  const names = useMemo(() => <Suggestions id={`${id}-fields`} values={[...fields.keys()]} />, [id, fields]);
  const field = fields.get(fieldName);
  const operators = field === undefined ? [] : OPERATORS[field.type];
  const operator = operators.find((each) => each.id === operatorId) ?? operators[0];
  const result = field && operator && writeFilter(field, operator, valuesFor(operator, values), model.dialect);
  const text = result !== undefined && 'text' in result ? result.text : undefined;
  const add = () => {
    if (text === undefined) return;
    onAdd(text);
    setValues(['', '']);
  };
  return (
    <div className="fields">
      <label className="wide">
        Column, measure or metric
        <input
          list={`${id}-fields`}
          value={fieldName}
          onChange={({ target }) => setFieldName(target.value)}
          aria-describedby={`${id}-preview`}
        />
        {names}
      </label>
      <label>
        Condition
        <select
          value={operator?.id ?? ''}
          disabled={operator === undefined}
          onChange={({ target }) => setOperatorId(target.value)}
        >
          {operators.map(({ id: each, label }) => (
            <option key={each} value={each}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {field !== undefined && operator !== undefined && (
        <ValueInputs field={field} operator={operator} values={values} onChange={setValues} />
      )}
      <button type="button" disabled={text === undefined} onClick={add}>
        Add filter
      </button>
      <p id={`${id}-preview`} className="preview" role="status">
        {text !== undefined && <code>{text}</code>}
        {result !== undefined && 'problem' in result && <span className="weak">{result.problem}</span>}
        {field === undefined && fieldName !== '' && <span className="weak">Choose one of the list</span>}
      </p>
    </div>
  );
}

interface ValueInputsProps {
  field: Comparable;
  operator: Operator;
  values: string[];
  onChange: (values: string[]) => void;
}

function ValueInputs({ field, operator: { arity, id: operator }, values, onChange }: ValueInputsProps) {
  const id = useId();
  const [first = '', second = ''] = values;
  const suggested = operator === 'period' ? PERIOD_EXAMPLES : (field.values ?? []).map(String);
  if (arity === 0) return null;
  if (arity === 'lines') {
    return (
      <label className="wide">
        Values, one a line
        <textarea rows={3} value={first} onChange={({ target }) => onChange([target.value, second])} />
      </label>
    );
  }
  return (
    <>
      <label>
        {arity === 2 ? 'From' : operator === 'period' ? 'Period' : 'Value'}
        <input list={id} value={first} onChange={({ target }) => onChange([target.value, second])} />
      </label>
      {arity === 2 && (
        <label>
          To
          <input list={id} value={second} onChange={({ target }) => onChange([first, target.value])} />
        </label>
      )}
      <Suggestions id={id} values={suggested} />
    </>
  );
}

function Suggestions({ id, values }: { id: string; values: string[] }) {
  return (
    <datalist id={id}>
      {values.map((value) => (
        <option key={value} value={value} />
      ))}
    </datalist>
  );
}

function valuesFor({ arity }: Operator, values: string[]): string[] {
  return arity === 'lines' ? (values[0] ?? '').split('\n').filter((line) => line !== '') : values;
}

function fieldsOf({ sources, metrics, hasMetricTime }: Model): Map<string, Comparable> {
  const fields = new Map<string, Comparable>();
  if (hasMetricTime) fields.set(METRIC_TIME, { source: null, name: METRIC_TIME, type: 'time' });
  for (const { name } of metrics) fields.set(name, { source: null, name, type: 'number' });
  for (const { name: source, columns, measures } of sources) {
    // A column takes precedence over a measure of its name.
    for (const { name } of measures) fields.set(`${source}.${name}`, { source, name, type: 'number' });
    for (const { name, type, values } of columns) fields.set(`${source}.${name}`, { source, name, type, values });
  }
  return fields;
}
