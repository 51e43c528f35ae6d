// Installs the command lines of the clients, and KTX.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { mustRun } from '../lib/sandbox.mjs';
import { root } from '../lib/steps.mjs';
import { TERMINALS } from './clients.mjs';

/**
 * Installs the newest clients, and KTX from the packed packages of `registry`.
 *
 * A machine has the folder of the checks, a home, an environment with all executables in which `npx` finds this KTX, and
 * the path of each client's package by its name.
 */
export async function installNewest(sandbox, registry) {
  const project = sandbox.project('clients', { registry: registry.url });
  const machine = createMachine(sandbox, project, [`@kaelio:registry=${registry.url}`]);
  const packages = [`@kaelio/ktx@${registry.version}`, ...TERMINALS.map((client) => `${client.package}@latest`)];
  await installPackages(sandbox, machine, project, packages);
  // Clients wait for a server for some seconds, which the first download may exceed.
  await mustRun('npx', ['-y', '@kaelio/ktx', '--version'], { cwd: machine.home, env: machine.env });
  return machine;
}

/** Installs the clients of scripts/agents/package-lock.json; KTX is that of the working tree, which has to be built. */
export async function installLocked(sandbox) {
  const project = sandbox.project('clients');
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(path.join(root, 'scripts', 'agents', name), path.join(project, name));
  // `npx` takes a package of the folders above.
  const machine = { ...createMachine(sandbox, project, []), folder: project };
  await installPackages(sandbox, machine, project, ['--no-save']);
  const modules = path.join(project, 'node_modules');
  mkdirSync(path.join(modules, '@kaelio'));
  symlinkSync(root, path.join(modules, '@kaelio', 'ktx'));
  const executable = path.join(modules, '.bin', 'ktx');
  writeFileSync(
    executable,
    `#!/bin/sh\nexec "${process.execPath}" "${path.join(root, 'cli', 'dist', 'ktx.js')}" "$@"\n`,
  );
  chmodSync(executable, 0o755);
  return machine;
}

function createMachine(sandbox, project, settings) {
  const { folder, env: own } = sandbox;
  const home = path.join(folder, 'home');
  // Codex passes no variables on, so that npm finds its cache here alone.
  const npmrc = [`cache=${own.npm_config_cache}`, 'update-notifier=false', ...settings];
  writeFileSync(path.join(home, '.npmrc'), `${npmrc.join('\n')}\n`);
  const modules = path.join(project, 'node_modules');
  const inherited = Object.entries(own).filter(
    ([name]) => !/^(ANTHROPIC|CLAUDE|CODEX|GEMINI|GOOGLE|OPENAI|OPENCODE|XDG)_?/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    HOME: home,
    USERPROFILE: home,
    APPDATA: path.join(home, 'AppData'),
    // Clients leave files there.
    TMPDIR: path.dirname(folder),
    PATH: `${path.join(modules, '.bin')}${path.delimiter}${process.env.PATH}`,
    // Servers of a folder that no one has confirmed are listed, but not started.
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  };
  const packages = Object.fromEntries(TERMINALS.map((client) => [client.name, path.join(modules, client.package)]));
  return { folder, home, env, packages };
}

/** Uses the settings of npm of this user, which may name a registry. */
async function installPackages(sandbox, { env, packages }, cwd, args) {
  await mustRun('npm', ['install', '--ignore-scripts', ...args], { cwd, env: sandbox.env });
  for (const folder of Object.values(packages)) await runInstallScript(folder, env);
}

/** Some clients place their binary by a script, which npm may be configured not to run. */
async function runInstallScript(cwd, env) {
  const script = ['install.cjs', 'postinstall.mjs'].find((name) => existsSync(path.join(cwd, name)));
  if (script !== undefined) await mustRun(process.execPath, [script], { cwd, env });
}

/** Version of an installed client, and the minimum of Node if it runs on Node and this one is too old. */
export function describeInstalled({ executable }, folder) {
  const { version, bin, engines } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const start = readFileSync(realpathSync(path.join(folder, bin[executable])), 'latin1').slice(0, 2);
  const [, minimum] = /^>=\s*(\d+)/.exec(engines?.node ?? '') ?? [];
  // Binaries do not need Node, even if their package demands one.
  const isTooOld = start === '#!' && Number(process.versions.node.split('.')[0]) < Number(minimum);
  return { version, ...(isTooOld ? { minimum } : {}) };
}
