// A folder of its own for a package that is tried out: nothing outside it is read or left behind.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';

const windows = process.platform === 'win32';

/** Makes a folder whose path has a space and letters beyond ASCII, with an environment that keeps to it. */
export function makePlace() {
  const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'ktx-place-')));
  const folder = path.join(base, 'Ein Ördner 数据');
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const inherited = Object.entries(process.env).filter(([name]) => !/^(KTX_|npm_)/i.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    KTX_RUNTIME_ROOT: path.join(folder, 'runtime'),
    XDG_DATA_HOME: home,
    LOCALAPPDATA: home,
    npm_config_cache: path.join(base, 'npm cache'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
  return {
    folder,
    env,
    /** Makes a folder in it with an empty project of npm, whose packages of the scope come from `registry`. */
    project(name, { registry, ...manifest } = {}) {
      const made = path.join(folder, name);
      mkdirSync(made, { recursive: true });
      writeFileSync(path.join(made, 'package.json'), JSON.stringify({ name: 'consumer', private: true, ...manifest }));
      if (registry) writeFileSync(path.join(made, '.npmrc'), `@kaelio:registry=${registry}\n`);
      return made;
    },
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** Runs a command to its end; gives its exit code and what it printed. */
export async function tryRun(command, args, options) {
  // npm and what it installs are scripts on Windows, which only a shell runs.
  const shell = windows && !command.endsWith('.exe');
  const words = shell ? args.map((word) => `"${word}"`) : args;
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = spawn(shell ? `"${command}"` : command, words, { stdio, shell, ...options });
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} could not be run: ${error.message}`)));
    child.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Runs a command that must succeed; gives its standard output. */
export async function mustRun(command, args, options) {
  const { code, stdout, stderr } = await tryRun(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')}\nended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Throws unless the text has what is expected; quotes it then. */
export function expectIn(output, expected) {
  if (output.includes(expected)) return;
  throw new Error(`Expected ${JSON.stringify(expected)} in:\n${output}`);
}
