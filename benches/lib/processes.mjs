// Runs, times and queries processes of the bench.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/lib/steps.mjs';

/** Timeout of a condition; reaching it is a failure, not a measurement. */
const TIMEOUT_MS = 60_000;

/** Waits until a condition holds. */
export async function waitUntil(condition, description, pollMs = 5) {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Timeout after ${TIMEOUT_MS / 1000} s: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Environment of timed Node processes: additional certificates delay every start by 0.07 s. */
export const withoutExtraCertificates = { NODE_EXTRA_CA_CERTS: undefined };

/** Milliseconds from the spawn of a process to its successful end; `env` extends the current environment. */
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

/** Standard output of a process; its standard error is inherited. */
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

/** One HTTP request with `node:http`: `{ status, text }`. A body is posted as JSON. */
export function request(url, { body, token, agent } = {}) {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    const outgoing = http.request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/**
 * Memory of a process and its children in MB: the proportional set size, which divides shared pages by their users.
 * Linux only.
 */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const processMemory = Number(/^Pss:\s+(\d+) kB/m.exec(text)[1]) / 1024;
  return children
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .reduce((sum, child) => sum + memoryOf(child), processMemory);
}

/** Runs a program of `programs/` in a Node process, and parses its output as JSON. */
export async function runProgram(name, options = {}) {
  const { line, ended } = await startProgram(name, [JSON.stringify(options)]);
  await ended;
  return JSON.parse(line);
}

/** Milliseconds from the spawn of a program to its first line. */
export async function timeProgram(name, options = {}) {
  const begin = performance.now();
  const { ended } = await startProgram(name, [JSON.stringify(options)]);
  const elapsed = performance.now() - begin;
  await ended;
  return elapsed;
}

/** Starts a program of `programs/`; returns its first line, and a function that stops it. */
export function startProgram(name, args = []) {
  return startCommand(process.execPath, [path.join(root, 'benches', 'programs', name), ...args]);
}

/** Starts a command; returns its first line, and a function that stops it. */
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
    child.once('close', (code) => reject(new Error(`${command} ${args[0] ?? ''} ended with ${code} without output`)));
  });
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { line, ended, stop };
}
