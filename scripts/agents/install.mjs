// Installs the command lines of the clients, and KTX from its packed packages.
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { mustRun } from '../lib/sandbox.mjs';
import { TERMINALS } from './clients.mjs';

/** A folder with all executables, and an environment with a home of its own in which `npx` finds the packed packages. */
export async function installClients(sandbox, registry) {
  const folder = sandbox.project('clients', { registry: registry.url });
  const home = path.join(sandbox.folder, 'home');
  // Codex passes no variables on, so that `npx` finds the cache here alone.
  const npmrc = [`@kaelio:registry=${registry.url}`, `cache=${sandbox.env.npm_config_cache}`];
  writeFileSync(path.join(home, '.npmrc'), `${npmrc.join('\n')}\n`);
  const bin = path.join(folder, 'node_modules', '.bin');
  const inherited = Object.entries(sandbox.env).filter(
    ([name]) => !/^(ANTHROPIC|CLAUDE|CODEX|GEMINI|GOOGLE|OPENAI|OPENCODE|XDG)_?/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    HOME: home,
    USERPROFILE: home,
    APPDATA: path.join(home, 'AppData'),
    PATH: `${bin}${path.delimiter}${process.env.PATH}`,
    // Servers of a folder that no one has confirmed are listed, but not started.
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  };
  const packages = TERMINALS.map((client) => `${client.package}@latest`);
  await mustRun('npm', ['install', '--ignore-scripts', `@kaelio/ktx@${registry.version}`, ...packages], {
    cwd: folder,
    env,
  });
  for (const client of TERMINALS) await runInstallScript(path.join(folder, 'node_modules', client.package), env);
  // Clients wait for a server for some seconds, which the first download may exceed.
  await mustRun('npx', ['-y', '@kaelio/ktx', '--version'], { cwd: home, env });
  return { folder: sandbox.folder, home, env };
}

/** Some clients place their binary by a script, which npm may be configured not to run. */
async function runInstallScript(cwd, env) {
  const script = ['install.cjs', 'postinstall.mjs'].find((name) => existsSync(path.join(cwd, name)));
  if (script !== undefined) await mustRun(process.execPath, [script], { cwd, env });
}
