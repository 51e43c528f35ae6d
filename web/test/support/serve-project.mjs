// Starts the server of live pages as a process of its own.
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';

/**
 * Serves the live pages of a project: `url` is that of the root with a slash at its end, `signInUrl()` one that signs a
 * browser in. The process ends with its input, so also with this one.
 */
export async function serveProject(projectDir) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'serve.mjs'), projectDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('The server has ended');
    return value;
  };
  const url = await nextLine();
  return {
    url,
    async signInUrl() {
      child.stdin.write('\n');
      return `${url}#ticket=${await nextLine()}`;
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
