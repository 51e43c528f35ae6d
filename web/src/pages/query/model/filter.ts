/** Conditions of a form as the texts that a query has as filters. */

import { containsCondition, fieldExpression, quotedName, textLiteral } from './dialect.js';
import { METRIC_TIME } from './granularity.js';

/** Type of what is compared; measures and metrics are numbers. */
export type FilterType = 'string' | 'number' | 'time' | 'boolean';

/** What is compared: a column or measure of a source or role, a metric, or `metric_time`. */
export interface FilterField {
  /** `null` for a metric and `metric_time`. */
  source: string | null;
  name: string;
  type: FilterType;
}

/** How many values an operator takes; `lines` is one or more. */
export type Arity = 0 | 1 | 2 | 'lines';

/** An operator, with its name for the user. */
export interface Operator {
  id: string;
  label: string;
  arity: Arity;
}

const EQUALS: Operator = { id: '=', label: 'is', arity: 1 };
const DIFFERS: Operator = { id: '!=', label: 'is not', arity: 1 };
const IN: Operator = { id: 'in', label: 'is one of', arity: 'lines' };
const NOT_IN: Operator = { id: 'not in', label: 'is none of', arity: 'lines' };
const BETWEEN: Operator = { id: 'between', label: 'is between (with both ends)', arity: 2 };
const NULLS: Operator[] = [
  { id: 'is null', label: 'is NULL', arity: 0 },
  { id: 'is not null', label: 'is not NULL', arity: 0 },
];

/** Operators by type, the most usual one first. */
export const OPERATORS: Record<FilterType, Operator[]> = {
  string: [EQUALS, DIFFERS, IN, NOT_IN, { id: 'contains', label: 'contains', arity: 1 }, ...NULLS],
  number: [
    EQUALS,
    DIFFERS,
    { id: '>', label: 'is more than', arity: 1 },
    { id: '>=', label: 'is at least', arity: 1 },
    { id: '<', label: 'is less than', arity: 1 },
    { id: '<=', label: 'is at most', arity: 1 },
    BETWEEN,
    IN,
    NOT_IN,
    ...NULLS,
  ],
  time: [
    { id: 'period', label: 'is in the period', arity: 1 },
    { id: '>=', label: 'is from … on', arity: 1 },
    { id: '<', label: 'is before', arity: 1 },
    BETWEEN,
    EQUALS,
    ...NULLS,
  ],
  boolean: [{ id: 'is true', label: 'is true', arity: 0 }, { id: 'is false', label: 'is false', arity: 0 }, ...NULLS],
};

/** Periods that are suggested for times. */
export const PERIOD_EXAMPLES = [
  'today',
  'last 30 days',
  'this month',
  'last month',
  'last 3 complete months',
  'this year',
  'year to date',
  'since 2025-01-01',
];

/** The text of a condition, or why there is none. */
export type FilterResult = { text: string } | { problem: string };

/** Writes a condition in the dialect of the connection. */
export function writeFilter(field: FilterField, operator: Operator, values: string[], dialect: string): FilterResult {
  const left = expressionOf(field, dialect);
  if (operator.arity === 0) return { text: `${left} ${TESTS[operator.id] ?? operator.id}` };
  const used = operator.arity === 'lines' ? values : values.slice(0, operator.arity);
  const wanted = operator.arity === 'lines' ? 1 : operator.arity;
  const needsText = field.type !== 'string' || operator.id === 'contains';
  if (used.length < wanted || (needsText && used.some((value) => value.trim() === ''))) {
    return { problem: operator.arity === 2 ? 'Enter both values' : 'Enter a value' };
  }
  if (field.type === 'number') {
    const wrong = used.find((value) => !NUMBER.test(value.trim()));
    if (wrong !== undefined) return { problem: `${wrong} is not a number` };
  }
  return { text: compare(left, field, operator.id, used, dialect) };
}

const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

const TESTS: Record<string, string> = { 'is true': '= true', 'is false': '= false' };

function compare(left: string, { type }: FilterField, operator: string, values: string[], dialect: string): string {
  const literals = values.map((value) => (type === 'number' ? value.trim() : textLiteral(value, dialect)));
  switch (operator) {
    case 'in':
    case 'not in':
      return `${left} ${operator} (${literals.join(', ')})`;
    case 'between':
      return `${left} between ${literals.join(' and ')}`;
    case 'contains':
      return containsCondition(left, values[0] ?? '', dialect);
    case 'period':
      return `in_period(${left}, ${literals[0]})`;
    default:
      return `${left} ${operator} ${literals[0]}`;
  }
}

function expressionOf({ source, name }: FilterField, dialect: string): string {
  if (source !== null) return fieldExpression(source, name, dialect);
  return name === METRIC_TIME ? name : quotedName(name, dialect);
}
