import type { KtxSqlResult } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { type AnswerOptions, successResult } from '../../../src/mcp/answer.js';
import { fitAnswer, MAX_ANSWER_BYTES, type ToolResult, truncateToSize } from '../../../src/mcp/size.js';

function result(rows: unknown[][], overrides: Partial<KtxSqlResult> = {}): KtxSqlResult {
  const columns = [{ name: 'x', type: null }];
  return { connectionId: 'warehouse', columns, rows, rowCount: rows.length, truncated: false, ...overrides };
}

const truncated = (result: KtxSqlResult) => truncateToSize<ToolResult>(result, (wrapped) => wrapped);
const options: AnswerOptions = { notes: [], structured: false, narrow: undefined };
const lineBytes = (answer: object) =>
  Math.max(
    ...[false, true].map((structured) => {
      const result = successResult(answer, { ...options, structured });
      return Buffer.byteLength(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
    }),
  );

describe('truncateToSize', () => {
  it('returns a small result unchanged', () => {
    const small = result([[1], [2]]);
    expect(truncated(small)).toBe(small);
  });

  it.each([
    ['letters', 'x'.repeat(100)],
    ['quotes', '"'.repeat(100)],
    ['control characters', '\u0001'.repeat(100)],
    ['backslashes', '\\'.repeat(100)],
    ['multi-byte characters', '顧客'.repeat(50)],
  ])('truncates a large result below the limit: %s', (_, value) => {
    const answer = truncated(result(Array.from({ length: 5000 }, () => [value])));
    expect(lineBytes(answer)).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    expect(lineBytes(answer)).toBeGreaterThan(MAX_ANSWER_BYTES / 2);
    expect(answer).toMatchObject({ rowCount: answer.rows.length, truncated: true, truncatedBy: 'bytes' });
    expect(answer.hint).toContain('64 KiB');
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

describe('fitAnswer', () => {
  it.each(['', 'x'])('does not cut a character in half', (prefix) => {
    const answer = fitAnswer({ text: prefix + '😀'.repeat(50_000) }) as { text: string };
    expect(answer.text).not.toMatch(/\p{Cs}/u);
  });

  it('says that it has cut an answer that says it is whole', () => {
    const columns = [{ name: 'x'.repeat(100_000) }];
    const answer = fitAnswer({ rowCount: 0, truncated: false, hint: 'Ask again', columns });
    expect(answer).toMatchObject({ truncated: true, hint: expect.stringMatching(/^Ask again; .*64 KiB/) });
  });

  const names = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

  it('cuts the largest list only, and says how much of it is left and how to ask for less', () => {
    const report = { id: 'run-1', changes: { added: names(20_000, 'table_'), deleted: ['old'] } };
    const answer = fitAnswer(report, 'set a lower limit') as typeof report & { hint: string; truncated: boolean };
    expect(lineBytes(answer)).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    expect(answer.truncated).toBe(true);
    expect(answer.hint).toBe(
      `An answer has at most 64 KiB (changes.added: ${answer.changes.added.length} of 20000): set a lower limit`,
    );
    expect(answer.changes).toMatchObject({ deleted: ['old'] });
    expect(answer.changes.added[0]).toBe('table_0');
    expect(report.changes.added).toHaveLength(20_000);
  });

  it('cuts a text that is too long', () => {
    const answer = fitAnswer({ definition: 'select 1 '.repeat(20_000) }) as { hint: string; definition: string };
    expect(lineBytes(answer)).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    expect(answer.definition).toMatch(/^select 1 .*…$/s);
  });
});
