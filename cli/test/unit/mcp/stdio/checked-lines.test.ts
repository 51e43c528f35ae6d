import { expect, it, vi } from 'vitest';
import { CheckedLines } from '../../../../src/mcp/stdio/checked-lines.js';

const PING = '{"jsonrpc":"2.0","id":"é","method":"ping"}';

/** The text that passes and the codes of the answers, of an input in chunks of some bytes. */
async function check(input: string, chunkBytes: number, maxBytes = 100) {
  const answer = vi.fn();
  const lines = new CheckedLines(maxBytes, answer);
  const bytes = Buffer.from(input);
  for (let at = 0; at < bytes.length; at += chunkBytes) lines.write(bytes.subarray(at, at + chunkBytes));
  lines.end();
  const passed = Buffer.concat(await lines.toArray()).toString();
  return { passed, codes: answer.mock.calls.map(([{ id, error }]) => [id, error.code]) };
}

it.each([1, 7, 1000])('reads lines across chunks of %d bytes, and skips one that is too long', async (chunkBytes) => {
  const tooLong = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(100) });
  const { passed, codes } = await check(`${PING}\r\n\n${tooLong}\nno JSON\n${PING}\nunfinished`, chunkBytes);
  expect(passed).toBe(`${PING}\r\n${PING}\n`);
  expect(codes).toEqual([
    [null, -32600],
    [null, -32700],
  ]);
});

it.each([
  ['[]', null, -32600],
  ['7', null, -32600],
  ['null', null, -32600],
  ['{"jsonrpc":"2.0","id":{}}', null, -32600],
  ['{"jsonrpc":"1.0","id":"a","method":"ping"}', 'a', -32600],
  ['{"jsonrpc":"2.0","id":3,"method":"ping","params":[]}', 3, -32602],
  ['{"jsonrpc":"2.0","id":4,"method":"ping","params":{"_meta":5}}', 4, -32600],
  ['{"jsonrpc":"2.0","id":5,"method":"ping","params":{"_meta":{"progressToken":{}}}}', 5, -32600],
  ['{"jsonrpc":"2.0","id":6,"method":"ping","more":1}', 6, -32600],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null, -32600],
])('answers %s with its id and a code', async (line, id, code) => {
  expect(await check(`${line}\n`, 1000)).toEqual({ passed: '', codes: [[id, code]] });
});

it.each([
  '{"jsonrpc":"2.0","id":1,"result":{}}',
  '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}',
  '{"jsonrpc":"2.0","method":"notifications/initialized"}',
])('passes %s', async (line) => {
  expect(await check(`${line}\n`, 1000)).toEqual({ passed: `${line}\n`, codes: [] });
});

it.each([
  ['"{\\"connectionId\\": \\"shop\\"}"', '{"connectionId":"shop"}'],
  ['null', '{}'],
  ['"no object"', '"no object"'],
  ['{"query":"{}"}', '{"query":"{}"}'],
])('passes a call with the arguments %s', async (given, passed) => {
  const line = (args: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":${args}}}\n`;
  expect(await check(line(given), 1000, 1000)).toEqual({ passed: line(passed), codes: [] });
});
