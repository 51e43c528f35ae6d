/** The texts of filters: literals, names and patterns in each dialect. */

import { describe, expect, it } from 'vitest';
import { dialectOf, fieldExpression, textLiteral } from '../../src/pages/query/model/dialect.js';
import { type FilterField, OPERATORS, writeFilter } from '../../src/pages/query/model/filter.js';

const STATUS: FilterField = { source: 'orders', name: 'status', type: 'string' };
const AMOUNT: FilterField = { source: 'orders', name: 'amount', type: 'number' };
const PLACED: FilterField = { source: 'orders', name: 'placed', type: 'time' };

function write(field: FilterField, id: string, values: string[], dialect = 'postgres'): string {
  const operator = OPERATORS[field.type].find((each) => each.id === id);
  if (operator === undefined) throw new Error(`no operator ${id}`);
  const result = writeFilter(field, operator, values, dialect);
  return 'text' in result ? result.text : `! ${result.problem}`;
}

describe('literals', () => {
  it('double quotes, or escape them by backslashes', () => {
    expect(textLiteral("it's", 'postgres')).toBe("'it''s'");
    expect(textLiteral("it's \\", 'mysql')).toBe("'it''s \\\\'");
    expect(textLiteral("it's \\", 'bigquery')).toBe("'it\\'s \\\\'");
    expect(textLiteral('a\\b', 'sqlite')).toBe("'a\\b'");
  });
});

describe('names', () => {
  it('are in quotes only if they have to be', () => {
    expect(fieldExpression('orders', 'status', 'postgres')).toBe('orders.status');
    expect(fieldExpression('orders', 'ordered at', 'postgres')).toBe('orders."ordered at"');
    expect(fieldExpression('a"b', 'c.d', 'postgres')).toBe('"a""b"."c.d"');
    expect(fieldExpression('a`b', 'x', 'mysql')).toBe('`a``b`.x');
    expect(fieldExpression('a`b', 'x', 'bigquery')).toBe('`a\\`b`.x');
    expect(fieldExpression('orders', 'select', 'sqlite')).toBe('orders."select"');
    expect(fieldExpression('größe', 'x', 'sqlite')).toBe('"größe".x');
  });

  it('follow the dialect of the driver', () => {
    expect(['mariadb', 'spark', 'files', 'mssql+pyodbc', 'Postgres'].map(dialectOf)).toEqual([
      ...['mysql', 'databricks', 'duckdb', 'tsql', 'postgres'],
    ]);
  });
});

describe('filters', () => {
  it('compare texts', () => {
    expect(write(STATUS, '=', ["O'Brien"])).toBe("orders.status = 'O''Brien'");
    expect(write(STATUS, 'in', ['a', "b'c", 'd,e'])).toBe("orders.status in ('a', 'b''c', 'd,e')");
    expect(write(STATUS, '=', [''])).toBe("orders.status = ''");
    expect(write(STATUS, 'contains', [''])).toBe('! Enter a value');
    expect(write(STATUS, 'is null', [])).toBe('orders.status is null');
  });

  it('find texts with the characters of patterns', () => {
    expect(write(STATUS, 'contains', ['ship'])).toBe("orders.status like '%ship%'");
    expect(write(STATUS, 'contains', ['50%_!'])).toBe("orders.status like '%50!%!_!!%' escape '!'");
    expect(write(STATUS, 'contains', ['50%'], 'bigquery')).toBe("orders.status like '%50\\\\%%'");
    expect(write(STATUS, 'contains', ['a\\b'], 'mysql')).toBe("orders.status like '%a\\\\b%' escape '!'");
  });

  it('take numbers as they are written, and nothing else', () => {
    expect(write(AMOUNT, '>', [' 12345678901234567890.50 '])).toBe('orders.amount > 12345678901234567890.50');
    expect(write(AMOUNT, 'between', ['-1', '2e3'])).toBe('orders.amount between -1 and 2e3');
    expect(write(AMOUNT, '=', ['1 or 1=1'])).toBe('! 1 or 1=1 is not a number');
    expect(write(AMOUNT, '=', [''])).toBe('! Enter a value');
    expect(write(AMOUNT, 'between', ['1', ''])).toBe('! Enter both values');
  });

  it('have periods in words', () => {
    expect(write(PLACED, 'period', ['last 30 days'])).toBe("in_period(orders.placed, 'last 30 days')");
    const time: FilterField = { source: null, name: 'metric_time', type: 'time' };
    expect(write(time, '>=', ['2025-01-01'])).toBe("metric_time >= '2025-01-01'");
    expect(write({ source: null, name: 'rate', type: 'number' }, '>', ['1'], 'mysql')).toBe('`rate` > 1');
  });
});
