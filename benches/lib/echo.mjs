// Echo server for the rows of clients.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fail, root } from '../../scripts/lib/steps.mjs';
import { startCommand } from './processes.mjs';

const source = path.join(root, 'benches', 'programs', 'echo-server.rs');
const folder = path.join(root, 'target', 'bench');

/** Compiles and starts the echo server: `{ baseUrl, stop }`. */
export async function startEchoServer() {
  mkdirSync(folder, { recursive: true });
  const program = path.join(folder, process.platform === 'win32' ? 'echo-server.exe' : 'echo-server');
  const { status } = spawnSync('rustc', ['--edition', '2024', '-O', '-o', program, source], { stdio: 'inherit' });
  if (status !== 0) fail(`${source} does not compile`);
  const { line, stop } = await startCommand(program, []);
  return { baseUrl: `http://127.0.0.1:${line}`, stop };
}
