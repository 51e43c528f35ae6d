/** An editor with the YAML language server: its messages about a file, and its completions. */

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_DIR } from './ktx.js';

interface Message {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
}

interface Diagnostics {
  uri: string;
  diagnostics: { message: string; range: { start: { line: number } } }[];
}

const SERVER = join(PACKAGE_DIR, 'node_modules', 'yaml-language-server', 'bin', 'yaml-language-server');

/** A session of the Language Server Protocol over standard input and output. */
export class YamlEditor {
  readonly #server: ChildProcess = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #diagnostics = new Map<string, (messages: string[]) => void>();
  #buffer = Buffer.alloc(0);
  #count = 0;

  /** Starts the server. It loads schemas from the modelines of files only. */
  static async start(): Promise<YamlEditor> {
    const editor = new YamlEditor();
    editor.#server.stdout?.on('data', (chunk: Buffer) => editor.#receive(chunk));
    await editor.#request('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
    editor.#send({ method: 'initialized', params: {} });
    const settings = { yaml: { validate: true, completion: true, schemaStore: { enable: false } } };
    editor.#send({ method: 'workspace/didChangeConfiguration', params: { settings } });
    return editor;
  }

  /** Opens a file with a schema of the package; resolves with the messages about it. */
  async messages(schema: string, text: string): Promise<string[]> {
    const uri = `untitled:file-${++this.#count}.yaml`;
    const received = new Promise<string[]>((resolve) => this.#diagnostics.set(uri, resolve));
    this.#open(uri, schema, text);
    return received;
  }

  /** The labels that are offered at the end of a text. */
  async completions(schema: string, text: string): Promise<string[]> {
    const uri = `untitled:file-${++this.#count}.yaml`;
    this.#open(uri, schema, text);
    const lines = text.split('\n');
    const position = { line: lines.length, character: lines.at(-1)?.length ?? 0 };
    const result = await this.#request('textDocument/completion', { textDocument: { uri }, position });
    return (result as { items: { label: string }[] }).items.map(({ label }) => label);
  }

  stop(): void {
    this.#server.kill();
  }

  /** The modeline is the one that KTX writes, with the file of the schema in place of its public address. */
  #open(uri: string, schema: string, text: string): void {
    const address = pathToFileURL(join(PACKAGE_DIR, 'schemas', schema));
    const document = {
      uri,
      languageId: 'yaml',
      version: 1,
      text: `# yaml-language-server: $schema=${address}\n${text}`,
    };
    this.#send({ method: 'textDocument/didOpen', params: { textDocument: document } });
  }

  #request(method: string, params: object): Promise<unknown> {
    const id = ++this.#count;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.#send({ id, method, params });
    return answer;
  }

  #send(message: Message): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n(?:.*\r\n)*?\r\n/.exec(this.#buffer.toString('latin1'));
      if (head === null) return;
      const end = head[0].length + Number(head[1]);
      if (this.#buffer.length < end) return;
      this.#handle(JSON.parse(this.#buffer.subarray(head[0].length, end).toString('utf8')));
      this.#buffer = this.#buffer.subarray(end);
    }
  }

  #handle(message: Message): void {
    if (message.method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = message.params as Diagnostics;
      this.#diagnostics.get(uri)?.(diagnostics.map(({ message }) => message));
    } else if (message.method !== undefined && message.id !== undefined) {
      this.#send({
        id: message.id,
        result: message.method === 'workspace/configuration' ? [{}, {}, {}, {}, {}] : null,
      });
    } else if (message.id !== undefined) {
      this.#answers.get(message.id)?.(message.result);
    }
  }
}
