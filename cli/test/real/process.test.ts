import { appendFile, cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KTX, ktx, PACKAGE_DIR, start, startDaemon, startKtx, temporaryDir } from '../support/ktx.js';
import { lookerConnection, startFakeLooker } from '../support/looker.js';
import { writeProject, writeShop } from '../support/shop.js';

const onPosix = process.platform !== 'win32';

// Runs a command on a pseudo-terminal: forwards standard input as keys, and prints the screen.
const TERMINAL = `
import os, pty, sys
command = ['sh', '-c', 'stty cols 120 rows 40; exec "$0" "$@"', *sys.argv[1:]]
sys.exit(os.waitstatus_to_exitcode(pty.spawn(command)))`;

/** Starts `ktx` on a pseudo-terminal; `type` sends keys. */
function startOnTerminal(args: string[], cwd: string, env: Record<string, string> = {}) {
  const running = start('python3', ['-c', TERMINAL, process.execPath, KTX, ...args], { cwd, env, input: true });
  onTestFinished(() => void running.child.kill());
  return { ...running, type: (keys: string) => running.child.stdin?.write(keys) };
}

describe('ktx --version', () => {
  it('needs neither the addon nor the prompts', async () => {
    // The folder has only these files, so that loading anything else would fail.
    const dir = await temporaryDir();
    await cp(join(PACKAGE_DIR, 'cli', 'dist'), join(dir, 'cli', 'dist'), { recursive: true });
    await cp(join(PACKAGE_DIR, 'package.json'), join(dir, 'package.json'));
    await mkdir(join(dir, 'node_modules'));
    await symlink(join(PACKAGE_DIR, 'node_modules', 'commander'), join(dir, 'node_modules', 'commander'), 'junction');
    const { finished } = start(process.execPath, [join(dir, 'cli', 'dist', 'ktx.js'), '--version']);
    expect(await finished).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/), stderr: '' });
  });
});

describe('a closed pipe on stdout', () => {
  it('is not a failure', async () => {
    const log = await startDaemon();
    await appendFile(log, 'first\n');
    const following = startKtx(['runtime', 'logs', '--follow']);
    onTestFinished(() => void following.child.kill());
    await following.waitForStdout((stdout) => stdout !== '');
    following.child.stdout?.destroy();
    // Only a write detects that the pipe is closed.
    await appendFile(log, 'second\n');
    expect(await following.finished).toMatchObject({ code: 0, stderr: '' });
  });
});

describe.runIf(onPosix)('on a terminal', () => {
  it('prompts before it installs, and installs nothing after a no', async () => {
    const cwd = await temporaryDir();
    const terminal = startOnTerminal(['runtime', 'start'], cwd, { KTX_RUNTIME_ROOT: join(cwd, 'runtime') });
    await terminal.waitForStdout((screen) => screen.includes('Continue?'));
    expect(terminal.stdout()).toContain('KTX needs to install the core Python runtime.');
    terminal.type('n');
    const { code, stdout } = await terminal.finished;
    expect(code).toBe(1);
    expect(stdout).toContain('KTX Python runtime installation was cancelled. Run: ktx runtime install --yes');
    expect(await readdir(cwd)).toEqual([]);
  });

  it('exits with 130 after Ctrl-C at the prompt', async () => {
    const cwd = await temporaryDir();
    const terminal = startOnTerminal(['runtime', 'start'], cwd, { KTX_RUNTIME_ROOT: join(cwd, 'runtime') });
    await terminal.waitForStdout((screen) => screen.includes('Continue?'));
    terminal.type('\x03');
    expect((await terminal.finished).code).toBe(130);
  });

  it('erases the status line and exits with 130 after Ctrl-C', async () => {
    const cwd = await temporaryDir();
    const terminal = startOnTerminal(['runtime', 'install'], cwd, { KTX_RUNTIME_ROOT: join(cwd, 'runtime') });
    await terminal.waitForStdout((screen) => screen.includes('⠋ '));
    terminal.type('\x03');
    const { code, stdout } = await terminal.finished;
    expect(code).toBe(130);
    expect(stdout).toMatch(/\r\S+2K\S*Error:\S* Interrupted\r\n$/);
  });

  it('shows a bar, and records an interrupted run after Ctrl-C', async () => {
    const cwd = await temporaryDir();
    const looker = await startFakeLooker();
    const { yaml, env } = lookerConnection(looker);
    await writeProject(cwd, yaml);
    await looker.control({ hold: '/lookml_models/shop/explores/e30' });
    const terminal = startOnTerminal(['ingest', 'run', '--connection-id', 'looker', '--adapter', 'looker'], cwd, env);
    await terminal.waitForStdout((screen) => /█{12}░{12} 30\/60 {2}Reading explores/.test(screen));
    terminal.type('\x03');
    expect((await terminal.finished).code).toBe(130);
    const [run] = JSON.parse((await ktx(['ingest', 'status', '--json'], { cwd })).stdout).runs;
    expect(run).toMatchObject({ status: 'failed', error: 'interrupted' });
  });

  it('colours its output, but not with NO_COLOR', async () => {
    const cwd = await temporaryDir();
    const coloured = await startOnTerminal(['runtime', 'doctor'], cwd).finished;
    const plain = await startOnTerminal(['runtime', 'doctor'], cwd, { NO_COLOR: '1' }).finished;
    expect(coloured.stdout).toContain('\x1b[32mPASS\x1b[39m');
    expect(plain.stdout).toContain('PASS');
    expect(plain.stdout).not.toContain('\x1b[32m');
  });

  it('prints no escape sequences with TERM=dumb', async () => {
    const { stdout } = await startOnTerminal(['runtime', 'doctor'], await temporaryDir(), { TERM: 'dumb' }).finished;
    expect(stdout).toContain('PASS');
    expect(stdout).not.toContain('\x1b');
  });
});

describe.runIf(process.platform === 'linux')('on a full disk', () => {
  it.each(['--help', 'runtime status', 'runtime status --json'])('%s fails with one message', async (words) => {
    const command = `"$0" "$1" ${words} > /dev/full`;
    const { code, stderr } = await start('sh', ['-c', command, process.execPath, KTX]).finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: Cannot write to standard output: .*ENOSPC.*\nNext: .*\n$/);
  });
});

describe('--json', () => {
  it.each([
    ['runtime', 'status'],
    ['runtime', 'doctor'],
    ['runtime', 'start'],
    ['runtime', 'install'],
    ['runtime', 'prune', '--dry-run'],
    ['connection', 'list'],
    ['connection', 'test', 'local'],
    ['scan', 'local'],
    ['scan', 'status'],
    ['init', 'another'],
  ])('prints one document to stdout: %s %s', async (...args) => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { code, stdout } = await ktx([...args, '--json'], { cwd });
    expect(JSON.parse(stdout)).not.toHaveProperty('error');
    expect(code).toBe(0);
  });

  it.each([
    ['KTX_CONNECTION_UNKNOWN', ['connection', 'test', 'nowhere']],
    ['KTX_CONNECTION_UNKNOWN', ['scan', 'nowhere']],
    ['KTX_RUN_UNKNOWN', ['scan', 'report', 'nowhere']],
    ['KTX_RUNTIME_POLICY', ['scan', 'local', '--yes', '--no-input']],
    ['KTX_ARGUMENT_INVALID', ['runtime', 'prune']],
    ['KTX_PROJECT_EXISTS', ['init']],
  ])('prints the failure %s as one document: %j', async (code, args) => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const finished = await ktx([...args, '--json'], { cwd });
    expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code, message: expect.any(String) } });
    expect(finished.code).toBe(1);
    expect(finished.stderr).toMatch(/^Error: /m);
  });
});
