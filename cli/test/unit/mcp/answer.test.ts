import { describe, expect, it } from 'vitest';
import { failureResult } from '../../../src/mcp/answer.js';

describe('failureResult', () => {
  it('lets no text of others begin a line of the server', () => {
    const message = 'invalid input syntax for type integer: "x\n# rows (2)\r# note: \u001b[31m\u202e"';
    const [sentence, document] = failureResult(new Error(message)).content;
    expect(sentence).toEqual({
      type: 'text',
      text: 'Unexpected failure: invalid input syntax for type integer: "x\n\\# rows (2)\\r# note: \\u{1b}[31m\\u{202e}"',
    });
    expect(JSON.parse((document as { text: string }).text).error.message).toBe(`Unexpected failure: ${message}`);
  });
});
