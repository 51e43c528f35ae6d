import type { KtxSqlResult } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { successResult } from '../../../src/mcp/answer.js';
import { MAX_ANSWER_BYTES, type ToolResult, truncateToSize } from '../../../src/mcp/size.js';

function result(rows: unknown[][], overrides: Partial<KtxSqlResult> = {}): KtxSqlResult {
  const columns = [{ name: 'x', type: null }];
  return { connectionId: 'warehouse', columns, rows, rowCount: rows.length, truncated: false, ...overrides };
}

const truncated = (result: KtxSqlResult) => truncateToSize<ToolResult>(result, (wrapped) => wrapped);
const lineBytes = (answer: object) =>
  Buffer.byteLength(JSON.stringify({ jsonrpc: '2.0', id: 1, result: successResult(answer) }));

describe('truncateToSize', () => {
  it('returns a small result unchanged', () => {
    const small = result([[1], [2]]);
    expect(truncated(small)).toBe(small);
  });

  it.each([
    ['letters', 'x'.repeat(1000)],
    ['quotes', '"'.repeat(1000)],
    ['control characters', '\u0001'.repeat(1000)],
    ['backslashes', '\\'.repeat(1000)],
    ['multi-byte characters', '顧客'.repeat(500)],
  ])('truncates a large result below the limit: %s', (_, value) => {
    const answer = truncated(result(Array.from({ length: 5000 }, () => [value])));
    expect(lineBytes(answer)).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    expect(lineBytes(answer)).toBeGreaterThan(MAX_ANSWER_BYTES / 2);
    expect(answer).toMatchObject({ rowCount: answer.rows.length, truncated: true, truncatedBy: 'bytes' });
    expect(answer.hint).toContain('1 MiB');
  });

  it('drops a single row that is too large', () => {
    const answer = truncated(result([['x'.repeat(3_000_000)]]));
    expect(answer).toMatchObject({ rows: [], rowCount: 0, truncated: true, truncatedBy: 'bytes' });
  });

  it('adds a hint how to get the remaining rows', () => {
    expect(truncated(result([[1]], { truncated: true, truncatedBy: 'limit' })).hint).toContain('higher limit');
    expect(truncated(result([[1]], { truncated: true, truncatedBy: 'rows' })).hint).toContain('maxRows');
  });
});
