// Processes of the bench: run, watched, asked.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/lib/steps.mjs';

/** Longest that a condition is waited for: a defect, not a measure. */
const PATIENCE_MS = 60_000;

/** Waits until a condition holds. */
export async function waitUntil(holds, what, pollMs = 5) {
  const limit = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`Waited ${PATIENCE_MS / 1000} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Of a Node process whose start counts: certificates that a machine adds for Node cost every start 0.07 s, ours or not. */
export const withoutExtraCertificates = { NODE_EXTRA_CA_CERTS: undefined };

/** Milliseconds from before a process is spawned until it has ended well; `env` comes on top of our own. */
export async function timeProcess(command, args, { env = {}, ...options } = {}) {
  const begin = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...options,
    env: { ...process.env, ...env },
  });
  const errors = [];
  child.stderr?.on('data', (chunk) => errors.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const elapsed = performance.now() - begin;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${Buffer.concat(errors)}`);
  return elapsed;
}

/** What a process prints that ends well; what it says beside goes to our own error stream. */
export async function output(command, args, { env = {}, ...options } = {}) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
    env: { ...process.env, ...env },
  });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  return Buffer.concat(chunks).toString();
}

/** One HTTP exchange by Node's own client: `{ status, text }`. A body is posted as JSON. */
export function request(url, { body, token, agent } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    const sent = http.request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * Memory of a process and its children in MB that belongs to them alone (Linux: proportional set size, which counts
 * what is shared by parts; elsewhere there is no number).
 */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const own = Number(/^Pss:\s+(\d+) kB/m.exec(text)[1]) / 1024;
  return children
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .reduce((sum, child) => sum + memoryOf(child), own);
}

/** Runs a program of `programs/` in a Node process of its own; what it prints is JSON. */
export async function runProgram(name, options = {}) {
  const { line, ended } = await startProgram(name, [JSON.stringify(options)]);
  await ended;
  return JSON.parse(line);
}

/** Milliseconds from before a program is spawned until it prints its line. */
export async function timeProgram(name, options = {}) {
  const begin = performance.now();
  const { ended } = await startProgram(name, [JSON.stringify(options)]);
  const elapsed = performance.now() - begin;
  await ended;
  return elapsed;
}

/** Starts a program of `programs/` and gives the line that it prints, and how to end it. */
export function startProgram(name, args = []) {
  return startCommand(process.execPath, [path.join(root, 'benches', 'programs', name), ...args]);
}

/** The same with any command. */
export async function startCommand(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const line = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.endsWith('\n')) resolve(text.trim());
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${command} ${args[0] ?? ''} ended with ${code} and said nothing`)));
  });
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { line, ended, stop };
}
