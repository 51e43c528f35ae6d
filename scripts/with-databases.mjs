#!/usr/bin/env node
// Runs a command with temporary PostgreSQL and MariaDB servers:
//
//     node scripts/with-databases.mjs -- command arguments…
//
// Both servers use a temporary folder and free ports of 127.0.0.1, and stop after the command. KTX_TEST_POSTGRES_URL and
// KTX_TEST_MYSQL_URL have superuser URLs for the command; if both are set already, no server is started. Passwords are
// required over TCP, so that tests of a wrong password are real.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { installDebianPackages } from './lib/debian.mjs';
import { findFreePort } from './lib/ports.mjs';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 50;
const USER = 'ktx';
const DEBIAN_PACKAGES = ['postgresql', 'mariadb-server', 'openssh-server'];

const isRoot = process.getuid?.() === 0;
const running = [];
let folder;
let command;

class Failure extends Error {}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => onSignal(signal));

main().catch(async (error) => {
  await cleanUp();
  console.error(error instanceof Failure ? `with-databases: ${error.message}` : error);
  process.exit(1);
});

async function main() {
  const args = process.argv.slice(process.argv[2] === '--' ? 3 : 2);
  if (args.length === 0) throw new Failure('A command is required: with-databases.mjs -- command arguments…');
  if (process.env.KTX_TEST_POSTGRES_URL && process.env.KTX_TEST_MYSQL_URL) {
    process.exit(await runCommand(args, {}));
  }
  const tools = findOrInstallServers();
  folder = mkdtempSync(path.join(os.tmpdir(), 'ktx-db-'));
  chmodSync(folder, 0o711);
  const [postgres, mysql] = await Promise.all([startPostgres(tools), startMysql(tools)]);
  const code = await runCommand(args, { KTX_TEST_POSTGRES_URL: postgres, KTX_TEST_MYSQL_URL: mysql });
  await cleanUp();
  process.exit(code);
}

// --- the command ---------------------------------------------------------------------------------------------------

/** Runs the command with the streams of this process, and returns its exit code. */
function runCommand([file, ...args], variables) {
  return new Promise((resolve, reject) => {
    command = spawn(file, args, { stdio: 'inherit', env: { ...process.env, ...variables } });
    command.on('error', (error) => reject(new Failure(`Cannot run ${file}: ${error.message}`)));
    command.on('exit', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal]));
  });
}

/** Forwards a signal to the command, whose end stops the servers; without a command stops the servers immediately. */
async function onSignal(signal) {
  if (command) {
    command.kill(signal);
    return;
  }
  await cleanUp();
  process.exit(128 + os.constants.signals[signal]);
}

// --- finding the servers -------------------------------------------------------------------------------------------

function findOrInstallServers() {
  const found = findServers();
  if (found) return found;
  installDebianPackages(DEBIAN_PACKAGES);
  const installed = findServers();
  if (!installed) throw new Failure(`PostgreSQL, MariaDB and OpenSSH are required. ${installHint()}`);
  return installed;
}

function findServers() {
  const initdb = findExecutable('initdb');
  const mysqld = findExecutable('mariadbd') ?? findExecutable('mysqld');
  // The tests start sshd themselves.
  const sshd = findExecutable('sshd');
  return initdb && mysqld && sshd ? { postgresBin: path.dirname(initdb), mysqld } : undefined;
}

/** Finds an executable on PATH and in the folders of Debian and Homebrew; newest PostgreSQL first. */
function findExecutable(name) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const brew = ['/opt/homebrew', '/usr/local'].flatMap((prefix) =>
    existsSync(`${prefix}/opt`)
      ? readdirSync(`${prefix}/opt`)
          .filter((formula) => /^(postgresql|mariadb|mysql)/.test(formula))
          .map((formula) => `${prefix}/opt/${formula}/bin`)
      : [],
  );
  const onPath = (process.env.PATH ?? '').split(path.delimiter);
  const folders = [...versions.map((version) => `${debian}/${version}/bin`), ...onPath, '/usr/sbin', ...brew];
  return folders.map((dir) => path.join(dir, name)).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installHint() {
  if (process.platform === 'darwin') return 'Install them with: brew install postgresql mariadb';
  if (process.platform === 'win32') return 'Set KTX_TEST_POSTGRES_URL and KTX_TEST_MYSQL_URL to existing servers';
  return `Install them with: sudo apt-get install ${DEBIAN_PACKAGES.join(' ')}`;
}

// --- the servers ---------------------------------------------------------------------------------------------------

async function startPostgres({ postgresBin }) {
  const home = makeHome('postgres');
  const data = path.join(home, 'data');
  const password = randomBytes(12).toString('hex');
  const passwordFile = path.join(home, 'password');
  writeOwned(passwordFile, password);
  const authentication = ['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`];
  const locale = ['--encoding=UTF8', '--locale=C', '--no-sync'];
  runTool(path.join(postgresBin, 'initdb'), ['-D', data, '-U', USER, ...authentication, ...locale]);
  const port = await findFreePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: home,
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.max': 100_000,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: 50,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = startServer('PostgreSQL', path.join(postgresBin, 'postgres'), ['-D', data, ...flags], home, 'SIGINT');
  const isReady = path.join(postgresBin, 'pg_isready');
  await waitUntil(server, () => spawnSync(isReady, ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0);
  return `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
}

async function startMysql({ mysqld }) {
  const home = makeHome('mysql');
  const data = path.join(home, 'data');
  const password = randomBytes(12).toString('hex');
  const init = path.join(home, 'init.sql');
  writeOwned(
    init,
    `CREATE USER '${USER}'@'%' IDENTIFIED BY '${password}';\nGRANT ALL ON *.* TO '${USER}'@'%' WITH GRANT OPTION;\n`,
  );
  const installer = findExecutable('mariadb-install-db');
  const basics = ['--no-defaults', `--datadir=${data}`];
  if (installer) {
    runTool(installer, [...basics, '--auth-root-authentication-method=normal', '--skip-test-db']);
  } else {
    runTool(mysqld, [...basics, '--initialize-insecure']);
  }
  const port = await findFreePort();
  const flags = [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${path.join(home, 'mysql.sock')}`,
    `--pid-file=${path.join(home, 'mysql.pid')}`,
    `--init-file=${init}`,
    '--skip-log-bin',
    '--performance-schema=ON',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=32M',
  ];
  const server = startServer('MariaDB', mysqld, [...basics, ...flags], home, 'SIGTERM');
  await waitUntil(server, () => sendsGreeting(port));
  return `mysql://${USER}:${password}@127.0.0.1:${port}/mysql`;
}

function startServer(name, file, args, home, stopSignal) {
  const log = path.join(home, 'server.log');
  const child = spawn('/bin/sh', ['-c', 'log=$1; shift; exec "$@" >"$log" 2>&1', 'sh', log, file, ...args], {
    stdio: 'ignore',
    detached: true, // Ctrl-C in the terminal must reach the command only; the servers stop after it
    cwd: home,
    ...unprivileged(),
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const server = { name, child, ended, log, stopSignal };
  running.push(server);
  return server;
}

/** Waits for a condition; throws with the end of the log if the server ends or the timeout expires. */
async function waitUntil(server, condition) {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await condition())) {
    if (server.child.exitCode !== null || server.child.signalCode !== null || Date.now() > deadline) {
      const tail = existsSync(server.log) ? readFileSync(server.log, 'utf8').split('\n').slice(-15).join('\n') : '';
      throw new Failure(`${server.name} did not start:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

/** Whether a MySQL server sends its greeting, which means that it is ready. */
function sendsGreeting(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const finish = (isReady) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once('data', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
}

async function cleanUp() {
  await Promise.all(running.splice(0).map(stopServer));
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function stopServer({ child, ended, stopSignal }) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(stopSignal);
  const killTimer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killTimer);
}

// --- owner of files and processes ---------------------------------------------------------------------------------------

function makeHome(name) {
  const home = path.join(folder, name);
  mkdirSync(home, { mode: 0o700 });
  const { uid, gid } = unprivileged();
  if (uid !== undefined) chownSync(home, uid, gid);
  return home;
}

function writeOwned(file, text) {
  writeFileSync(file, text, { mode: 0o600 });
  const { uid, gid } = unprivileged();
  if (uid !== undefined) chownSync(file, uid, gid);
}

function runTool(file, args) {
  const result = spawnSync(file, args, { cwd: folder, encoding: 'utf8', ...unprivileged() });
  if (result.status !== 0) {
    throw new Failure(`${path.basename(file)} failed:\n${result.error?.message ?? ''}${result.stdout}${result.stderr}`);
  }
}

/** Options to run as another user, as database servers refuse to run as root. */
function unprivileged() {
  if (!isRoot) return {};
  // cspell:disable-next-line: a user of the system
  for (const name of ['postgres', 'mysql', 'nobody']) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // this user does not exist: try the next one
    }
  }
  throw new Failure('Run this as a user other than root');
}
