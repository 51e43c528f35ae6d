// A session that reads answers as a model does, by their text, and counts calls and bytes.
import { bytesOf } from '../lib/mcp.mjs';

/** Calls of one question. */
export class Session {
  #client;
  /** Number of calls. */
  calls = 0;
  /** Bytes of all answers. */
  bytes = 0;

  constructor(client) {
    this.#client = client;
  }

  /** Calls a tool and returns the tables of its answer by their titles; rejects if it fails. */
  async call(name, args) {
    const answer = await this.#client.callTool({ name, arguments: args });
    this.calls += 1;
    this.bytes += bytesOf(answer);
    const text = answer.content.map((part) => part.text ?? '').join('\n');
    if (answer.isError) throw new Error(`${name} failed: ${text}`);
    return readTables(text);
  }
}

/** Tables of an answer: a line `# title (rows)`, the names of the columns, and the rows, separated by tabs. */
function readTables(text) {
  const tables = {};
  for (const section of text.split(/^(?=# )/m)) {
    const [heading, names, ...rows] = section.trimEnd().split('\n');
    const title = /^# ([\w.]+) \(\d+\)$/.exec(heading)?.[1];
    if (title === undefined || names === undefined) continue;
    const keys = names.split('\t');
    tables[title] = rows.map((row) => Object.fromEntries(row.split('\t').map((cell, index) => [keys[index], cell])));
  }
  return tables;
}
