import type { KtxSqlResult } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { success } from '../../../src/mcp/answer.js';
import { MAX_ANSWER_BYTES, type ToolResult, withinSize } from '../../../src/mcp/size.js';

function result(rows: unknown[][], more: Partial<KtxSqlResult> = {}): KtxSqlResult {
  const columns = [{ name: 'x', type: null }];
  return { connectionId: 'warehouse', columns, rows, rowCount: rows.length, truncated: false, ...more };
}

const fitted = (given: KtxSqlResult) => withinSize<ToolResult>(given, (fitting) => fitting);
const lineOf = (answer: object) =>
  Buffer.byteLength(JSON.stringify({ jsonrpc: '2.0', id: 1, result: success(answer) }));

describe('withinSize', () => {
  it('leaves a small answer as it is', () => {
    const given = result([[1], [2]]);
    expect(fitted(given)).toBe(given);
  });

  it.each([
    ['letters', 'x'.repeat(1000)],
    ['quotes', '"'.repeat(1000)],
    ['control characters', '\u0001'.repeat(1000)],
    ['backslashes', '\\'.repeat(1000)],
    ['texts of several bytes', '顧客'.repeat(500)],
  ])('keeps the line of a large answer below the limit: %s', (_, value) => {
    const answer = fitted(result(Array.from({ length: 5000 }, () => [value])));
    expect(lineOf(answer)).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    expect(lineOf(answer)).toBeGreaterThan(MAX_ANSWER_BYTES / 2);
    expect(answer).toMatchObject({ rowCount: answer.rows.length, truncated: true, truncatedBy: 'bytes' });
    expect(answer.hint).toContain('1 MiB');
  });

  it('leaves out a row that alone is too large', () => {
    const answer = fitted(result([['x'.repeat(3_000_000)]]));
    expect(answer).toMatchObject({ rows: [], rowCount: 0, truncated: true, truncatedBy: 'bytes' });
  });

  it('says how to get what was left out', () => {
    expect(fitted(result([[1]], { truncated: true, truncatedBy: 'limit' })).hint).toContain('higher limit');
    expect(fitted(result([[1]], { truncated: true, truncatedBy: 'rows' })).hint).toContain('maxRows');
  });
});
