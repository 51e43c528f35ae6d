#!/usr/bin/env node
// Tests the built MCP server over HTTP with the conformance suite and the inspector of the protocol. Installs both, in the
// versions of scripts/conformance/package-lock.json, and a newer Node if this one is too old for them.
//
//     node scripts/mcp-conformance.mjs
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { startTokenProxy } from './conformance/token-proxy.mjs';
import { createSandbox, tryRun } from './lib/sandbox.mjs';
import { fail, root } from './lib/steps.mjs';

/** Oldest Node that the tools run on. */
const [MAJOR, MINOR] = [22, 19];

const KTX = path.join(root, 'cli', 'dist', 'ktx.js');

const sandbox = createSandbox();
try {
  const tools = await installTools();
  const project = createProject();
  const started = JSON.parse(await ktx(project, 'mcp', 'start', '--json'));
  try {
    await runConformance(tools, started);
    await runInspector(tools, started);
  } finally {
    await ktx(project, 'mcp', 'stop');
  }
} finally {
  sandbox.remove();
}

/** Installs the tools; returns their folder and the Node that runs them. */
async function installTools() {
  const folder = sandbox.project('tools');
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(path.join(root, 'scripts', 'conformance', name), path.join(folder, name));
  }
  // Not `npm ci`: it rejects a lock without the binaries of every platform, and some registries lack a few.
  await succeed('npm', ['install', '--no-save', '--ignore-scripts', '--loglevel', 'error'], { cwd: folder });
  const modules = path.join(folder, 'node_modules');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const isRecent = major > MAJOR || (major === MAJOR && minor >= MINOR);
  const installed = path.join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (!isRecent && !existsSync(installed)) fail(`Node ${MAJOR}.${MINOR} or later is required on this platform`);
  return { modules, node: isRecent ? process.execPath : installed };
}

function createProject() {
  const folder = path.join(sandbox.folder, 'shop');
  mkdirSync(folder);
  const connection = '{ driver: sqlite, path: ./shop.db, readonly: true }';
  writeFileSync(path.join(folder, 'ktx.yaml'), `project: shop\nconnections:\n  local: ${connection}\n`);
  return folder;
}

/** The suite cannot send a token, so its requests go through a proxy that adds it. */
async function runConformance({ node, modules }, { server, tokenFile }) {
  const proxy = await startTokenProxy(server.url, readFileSync(tokenFile, 'utf8').trim());
  const suite = path.join(modules, '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
  const baseline = path.join(root, 'scripts', 'conformance', 'expected-failures.yml');
  const args = [suite, 'server', '--url', proxy.url, '--suite', 'all', '--expected-failures', baseline];
  try {
    const output = await succeed(node, args, { cwd: sandbox.folder });
    console.log(output.slice(output.indexOf('=== SUMMARY')));
  } finally {
    proxy.close();
  }
}

async function runInspector({ node, modules }, { server, tokenFile }) {
  const inspector = path.join(modules, '@modelcontextprotocol', 'inspector');
  const { bin } = JSON.parse(readFileSync(path.join(inspector, 'package.json'), 'utf8'));
  const header = `Authorization: Bearer ${readFileSync(tokenFile, 'utf8').trim()}`;
  const common = [path.join(inspector, bin.inspector), '--cli', server.url, '--transport', 'http', '--header', header];
  const call = async (...args) => JSON.parse(await succeed(node, [...common, ...args], { cwd: sandbox.folder }));
  const { tools } = await call('--method', 'tools/list');
  const { content } = await call('--method', 'tools/call', '--tool-name', 'connection_list');
  if (!/^local\t/m.test(content?.[0]?.text ?? '')) fail('The inspector does not read the connections');
  console.log(`Inspector: ${tools.length} tools listed, one called`);
}

function ktx(cwd, ...args) {
  return succeed(process.execPath, [KTX, ...args], { cwd });
}

/** Runs a command; fails with its output, but not with its arguments, which may have the token. */
async function succeed(command, args, { cwd }) {
  const { code, stdout, stderr } = await tryRun(command, args, { cwd, env: sandbox.env });
  if (code !== 0) throw new Error(`${path.basename(command)} failed with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
