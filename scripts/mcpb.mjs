#!/usr/bin/env node
// Builds an MCP bundle (`.mcpb`) of each packed platform into the folder of the packages, and starts the one of this
// platform.
//
//     node scripts/mcpb.mjs                       packages of scripts/pack.mjs in dist
//     node scripts/mcpb.mjs --packages FOLDER     packages in another folder
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { readManifest, startPackedRegistry } from './lib/registry.mjs';
import { createSandbox, mustRun } from './lib/sandbox.mjs';
import { listTools } from './lib/server-tools.mjs';
import { root } from './lib/steps.mjs';
import { readJson, tarballsIn } from './lib/tarball.mjs';

const MCPB = '@anthropic-ai/mcpb@2.1.2';

const { values: options } = parseArgs({ options: { packages: { type: 'string', default: path.join(root, 'dist') } } });
const dist = path.resolve(options.packages);
const manifest = readJson(path.join(root, 'package.json'));

const sandbox = createSandbox();
const { env } = sandbox;
const registry = await startPackedRegistry(dist);
try {
  const packed = tarballsIn(dist).map((file) => readManifest(file).name);
  for (const name of packed.filter((each) => each !== manifest.name)) {
    const platform = name.slice(`${manifest.name}-`.length);
    const bundle = await buildBundle(platform);
    console.log(`${path.relative(root, bundle)}: ${statSync(bundle).size} bytes`);
    if (isHost(platform)) await startBundle(bundle);
  }
} finally {
  await registry.close();
  sandbox.remove();
}

async function buildBundle(platform) {
  const [os, cpu, libc] = platform.split('-');
  const folder = sandbox.project(platform, { registry: registry.url });
  const target = os === 'linux' ? [`--libc=${libc === 'musl' ? 'musl' : 'glibc'}`] : [];
  await mustRun('npm', ['install', `--os=${os}`, `--cpu=${cpu}`, ...target, `${manifest.name}@${manifest.version}`], {
    cwd: folder,
    env,
  });
  writeFileSync(path.join(folder, 'manifest.json'), `${JSON.stringify(bundleManifest(os), null, 2)}\n`);
  const bundle = path.join(dist, `ktx-${manifest.version}-${platform}.mcpb`);
  await mcpb('validate', path.join(folder, 'manifest.json'));
  await mcpb('pack', folder, bundle);
  return bundle;
}

/** The manifest of a bundle, with what package.json says of the package. */
function bundleManifest(os) {
  const { version, description, license, homepage, repository, bugs, keywords, engines } = manifest;
  return {
    ...readJson(path.join(root, 'scripts', 'package', 'mcpb-manifest.json')),
    version,
    description,
    repository: { ...repository, url: repository.url.replace(/^git\+/, '') },
    homepage,
    support: bugs,
    license,
    keywords,
    compatibility: { platforms: [os], runtimes: { node: engines.node } },
  };
}

/** Unpacks a bundle, and starts its server as a client does. */
async function startBundle(bundle) {
  const folder = path.join(sandbox.folder, 'unpacked');
  await mcpb('unpack', bundle, folder);
  const project = path.join(sandbox.folder, 'shop');
  mkdirSync(project);
  writeFileSync(path.join(project, 'ktx.yaml'), 'project: shop\n');
  const { command, args } = readJson(path.join(folder, 'manifest.json')).server.mcp_config;
  const values = { '${__dirname}': folder, '${user_config.project_dir}': project };
  const filled = args.map((arg) =>
    Object.entries(values).reduce((text, [name, value]) => text.replace(name, value), arg),
  );
  const tools = await listTools({ command, args: filled }, { cwd: sandbox.folder, env });
  if (!tools.includes('sl_query')) throw new Error(`The server of the bundle has no sl_query: ${tools.join(', ')}`);
  console.log(`The server of the bundle has ${tools.length} tools: ${tools.join(', ')}`);
}

function isHost(platform) {
  const [os, cpu, libc] = platform.split('-');
  const isMusl = process.report.getReport().header.glibcVersionRuntime === undefined;
  return os === process.platform && cpu === process.arch && (os !== 'linux' || (libc === 'musl') === isMusl);
}

function mcpb(...args) {
  return mustRun('npm', ['exec', '--yes', `--package=${MCPB}`, '--', 'mcpb', ...args], { cwd: sandbox.folder, env });
}
