// The first call of a new process: `first-call.cjs '{ "way", … }'` prints the milliseconds from this file's first line
// to the answer. What a way needs is loaded by that way, as a host would.
const begin = performance.now();
const [way, options] = JSON.parse(process.argv[2]);

const path = '/sql/parse-table-identifier';
const items = [{ key: 'orders', sql_table_name: 'analytics.public.orders AS o', dialect: 'postgres' }];

const ways = {
  /** Ours: all that finds the daemon, or starts it. */
  port({ cliVersion }) {
    const { createManagedDaemonLookerTableIdentifierParser } = require('@kaelio/ktx');
    const io = { stdout: { write() {} }, stderr: { write() {} } };
    return createManagedDaemonLookerTableIdentifierParser({ cliVersion, installPolicy: 'never', io }).parse(items);
  },

  /** One round trip of fetch to a daemon that is known. */
  async fetch({ baseUrl, token }) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const answer = await fetch(baseUrl + path, { method: 'POST', headers, body: JSON.stringify({ items }) });
    return (await answer.json()).results;
  },

  /** Fetch, after the looks that tell whether the daemon will do. */
  async 'fetch with checks'({ cliVersion, manifestFile, stateFile }) {
    const fs = require('node:fs/promises');
    const manifest = JSON.parse(await fs.readFile(manifestFile, 'utf8'));
    if (manifest.cliVersion !== cliVersion || !manifest.features.includes('core')) throw new Error('no runtime');
    const state = JSON.parse(await fs.readFile(stateFile, 'utf8'));
    process.kill(state.pid, 0);
    const baseUrl = `http://${state.host ?? '127.0.0.1'}:${state.port}`;
    const health = await (await fetch(`${baseUrl}/health`)).json();
    const fits = health.version === cliVersion && health.instance === state.instance;
    if (health.status !== 'healthy' || !fits || !state.features.includes('core')) throw new Error('no daemon');
    return ways.fetch({ baseUrl, token: state.token });
  },

  /** One round trip of Node's bare client. */
  async 'http.request'({ baseUrl, token }) {
    const http = require('node:http');
    const body = JSON.stringify({ items });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const text = await new Promise((resolve, reject) => {
      const whole = { method: 'POST', headers: { ...headers, authorization: `Bearer ${token}` } };
      const sent = http.request(baseUrl + path, whole, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      sent.on('error', reject);
      sent.end(body);
    });
    return JSON.parse(text).results;
  },

  /** The reference daemon, started and asked every 100 ms whether it serves, as the replaced code did. */
  async 'reference daemon'({ python, daemonFile, port, pollMs }) {
    const { spawn } = require('node:child_process');
    const child = spawn(python, [daemonFile, String(port)], { detached: true, stdio: 'ignore' });
    child.unref();
    const baseUrl = `http://127.0.0.1:${port}`;
    while (
      !(await fetch(`${baseUrl}/health`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    try {
      return await ways.fetch({ baseUrl, token: '' });
    } finally {
      process.once('exit', () => child.kill());
    }
  },
};

ways[way](options).then((results) => {
  const elapsed = performance.now() - begin;
  if (results.orders?.ok !== true) throw new Error(`no answer but ${JSON.stringify(results)}`);
  console.log(JSON.stringify(elapsed));
});
