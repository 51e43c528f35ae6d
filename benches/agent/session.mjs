// A session that counts its calls and the bytes of their answers.
import { bytesOf } from '../lib/mcp.mjs';

/** Calls of one question. */
export class Session {
  #client;
  /** `[{ tool, bytes }]`, in order. */
  calls = [];

  constructor(client) {
    this.#client = client;
  }

  /** Calls a tool and returns what it answers; rejects if it fails. */
  async call(name, args) {
    const answer = await this.#client.callTool({ name, arguments: args });
    this.calls.push({ tool: name, bytes: bytesOf(answer) });
    const text = answer.content.map((part) => part.text ?? '').join('\n');
    if (answer.isError) throw new Error(`${name} failed: ${text}`);
    return answer.structuredContent ?? JSON.parse(text);
  }

  /** Bytes of all answers. */
  get bytes() {
    return this.calls.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
