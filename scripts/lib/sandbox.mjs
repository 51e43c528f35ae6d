// Isolated folder and environment to test a package; nothing outside of it is read or written.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';

const windows = process.platform === 'win32';

/** Creates a folder whose path has a space and non-ASCII letters, and an environment that uses it. */
export function createSandbox() {
  const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'ktx-sandbox-')));
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
    /** Creates a folder with an empty npm project; packages of the scope are installed from `registry`. */
    project(name, { registry, ...manifest } = {}) {
      const project = path.join(folder, name);
      mkdirSync(project, { recursive: true });
      writeFileSync(
        path.join(project, 'package.json'),
        JSON.stringify({ name: 'consumer', private: true, ...manifest }),
      );
      if (registry) writeFileSync(path.join(project, '.npmrc'), `@kaelio:registry=${registry}\n`);
      return project;
    },
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** Runs a command and returns its exit code and output. */
export async function tryRun(command, args, options) {
  // npm and its executables are scripts on Windows, which need a shell.
  const shell = windows && !command.endsWith('.exe');
  const quoted = shell ? args.map((arg) => `"${arg}"`) : args;
  const stdio = ['ignore', 'pipe', 'pipe'];
  const child = spawn(shell ? `"${command}"` : command, quoted, { stdio, shell, ...options });
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} could not be run: ${error.message}`)));
    child.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Runs a command and returns its standard output; throws if it fails. */
export async function mustRun(command, args, options) {
  const { code, stdout, stderr } = await tryRun(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')}\nended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Throws with the text unless it includes the expected part. */
export function assertIncludes(output, expected) {
  if (output.includes(expected)) return;
  throw new Error(`Expected ${JSON.stringify(expected)} in:\n${output}`);
}
