import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SCRIPTS } from '../../src/completion/scripts.js';
import { SHELLS, type Shell } from '../../src/completion/shells.js';
import { KTX, ktx, start, temporaryDir } from '../support/ktx.js';

const NAME = "$(touch pwned) & it's";
const CONFIG = `connections:\n  ${JSON.stringify(NAME)}: { driver: postgres, url: env:UNSET, readonly: true }\n`;

// A shell on a pseudo-terminal: forwards standard input as keys, and prints the screen.
const TERMINAL = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))`;

const PROMPT = 'READY> ';

/** Command lines of interactive shells without the user's settings. */
const INTERACTIVE: Record<Exclude<Shell, 'powershell'>, (script: string) => string[]> = {
  bash: (script) => ['bash', '--noprofile', '--rcfile', script, '-i'],
  zsh: () => ['zsh', '-d', '-i'],
  fish: (script) => [
    'fish',
    '--no-config',
    '-i',
    '-C',
    `source ${script}; function fish_prompt; echo -n '${PROMPT}'; end`,
  ],
};

const onPosix = process.platform !== 'win32';

const has = (command: string) => onPosix && spawnSync(command, ['--version']).status === 0;

let dir: string;
let env: Record<string, string>;

beforeEach(async () => {
  dir = await temporaryDir();
  await mkdir(join(dir, 'bin'));
  // Completes as ktx does, and records the arguments of every other call.
  const wrapper = `#!/bin/sh
if [ "$1" = complete ]; then exec ${JSON.stringify(process.execPath)} ${JSON.stringify(KTX)} "$@"; fi
printf '%s\\n' "$@" > ran.partial && mv ran.partial ran
`;
  await writeFile(join(dir, 'bin', 'ktx'), wrapper);
  await chmod(join(dir, 'bin', 'ktx'), 0o755);
  await writeFile(join(dir, 'ktx.yaml'), CONFIG);
  await mkdir(join(dir, 'home'));
  env = {
    PATH: `${join(dir, 'bin')}:${process.env.PATH}`,
    HOME: join(dir, 'home'),
    ZDOTDIR: dir,
    TERM: 'xterm',
    KTX_RUNTIME_ROOT: join(dir, 'no runtime'),
  };
});

/** Types `keys`, waits for `shown` on the screen, presses Enter, and returns the arguments of the call. */
async function argumentsAfterTab(shell: keyof typeof INTERACTIVE, keys: string, shown: string): Promise<string[]> {
  const setup = shell === 'bash' ? `PS1='${PROMPT}'\n` : `PS1='${PROMPT}'\nautoload -Uz compinit && compinit -D -u\n`;
  const script = join(dir, shell === 'zsh' ? '.zshrc' : 'completion');
  await writeFile(script, shell === 'fish' ? SCRIPTS.fish : `${setup}${SCRIPTS[shell]}`);
  const command = INTERACTIVE[shell](script.replaceAll(' ', '\\ '));
  if (shell === 'bash') command[3] = script;
  const terminal = start('python3', ['-c', TERMINAL, ...command], { cwd: dir, env, input: true });
  onTestFinished(() => void terminal.child.kill());
  await terminal.waitForStdout((screen) => screen.includes(PROMPT));
  terminal.child.stdin?.write(`${keys}\t`);
  await terminal.waitForStdout((screen) => screen.includes(shown));
  terminal.child.stdin?.write('\r');
  await vi.waitUntil(async () => (await readdir(dir)).includes('ran'), { timeout: 60_000 });
  return (await readFile(join(dir, 'ran'), 'utf8')).split('\n').slice(0, -1);
}

describe('ktx completion', () => {
  it.each(SHELLS)('prints the script of %s', async (shell) => {
    expect(await ktx(['completion', shell], { cwd: dir })).toEqual({ code: 0, stdout: SCRIPTS[shell], stderr: '' });
  });
});

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  it.runIf(has(shell))('completes a command and a flag', async () => {
    expect(await argumentsAfterTab(shell, 'ktx sl que', 'query')).toEqual(['sl', 'query']);
  });

  it.runIf(has(shell))('inserts a name as data, and installs and starts nothing', async () => {
    const inserted = await argumentsAfterTab(shell, 'ktx sl list --connection-id ', 'pwned');
    expect(inserted).toEqual(['sl', 'list', '--connection-id', NAME]);
    const files = await readdir(dir);
    expect(files).not.toContain('pwned');
    expect(files).not.toContain('no runtime');
  });

  it.runIf(has(shell))('runs nothing of the words before the cursor', async () => {
    expect(await argumentsAfterTab(shell, "ktx sl list '$(touch pwned)' --conn", '--connection-id')).toContain(
      '--connection-id',
    );
    expect(await readdir(dir)).not.toContain('pwned');
  });
});

// PowerShell is not in the repositories of most systems.
describe('powershell', () => {
  it.skipIf(!has('pwsh'))('completes commands, and quotes names', async () => {
    const complete = (line: string) =>
      `(TabExpansion2 -inputScript ${line} -cursorColumn ${line}.Length).CompletionMatches.CompletionText`;
    const lines = ['$a = "ktx sl que"', '$b = "ktx scan "'];
    const script = [SCRIPTS.powershell, ...lines, complete('$a'), complete('$b')].join('\n');
    const { stdout } = spawnSync('pwsh', ['-NoProfile', '-Command', script], { cwd: dir, env, encoding: 'utf8' });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['query', `'${NAME.replace("'", "''")}'`]));
  });
});
