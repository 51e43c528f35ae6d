// The server of the clients' rows, which only echoes.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fail, root } from '../../scripts/lib/steps.mjs';
import { startCommand } from './processes.mjs';

const source = path.join(root, 'benches', 'programs', 'echo-server.rs');
const folder = path.join(root, 'target', 'bench');

/** Compiles and starts it: `{ baseUrl, stop }`. It keeps to a core if there is one given. */
export async function startEchoServer(core) {
  mkdirSync(folder, { recursive: true });
  const program = path.join(folder, process.platform === 'win32' ? 'echo-server.exe' : 'echo-server');
  const { status } = spawnSync('rustc', ['--edition', '2024', '-O', '-o', program, source], { stdio: 'inherit' });
  if (status !== 0) fail(`${source} does not compile`);
  const [command, ...args] = core === undefined ? [program] : ['taskset', '-c', String(core), program];
  const { line, stop } = await startCommand(command, args);
  return { baseUrl: `http://127.0.0.1:${line}`, stop };
}

/**
 * The core on which client and server can be together, where the system has a way to say so. They never work at the same
 * time, so that neither waits for the other; apart, each call waits twice until an idle core has woken up, which on a
 * virtual machine takes longer than most clients, and not always as long.
 */
export const sharedCore = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? 0 : undefined;
