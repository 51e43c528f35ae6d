// First call of a new process: `first-call.cjs '["client", {…}]'` prints the milliseconds from the first line of this file
// to the response. Each client loads its modules itself, as a host would.
const begin = performance.now();
const [client, options] = JSON.parse(process.argv[2]);

const path = '/sql/parse-table-identifier';
const items = [{ key: 'orders', sql_table_name: 'analytics.public.orders AS o', dialect: 'postgres' }];

const clients = {
  /** Ours: finds the daemon, or starts it. */
  port({ cliVersion }) {
    const { createManagedDaemonLookerTableIdentifierParser } = require('@kaelio/ktx');
    const io = { stdout: { write() {} }, stderr: { write() {} } };
    return createManagedDaemonLookerTableIdentifierParser({ cliVersion, installPolicy: 'never', io }).parse(items);
  },

  /** One request of fetch to a known daemon. */
  async fetch({ baseUrl, token }) {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await fetch(baseUrl + path, { method: 'POST', headers, body: JSON.stringify({ items }) });
    return (await response.json()).results;
  },

  /** Fetch, after the same probe of the daemon. */
  async 'fetch with checks'({ cliVersion, manifestFile, stateFile }) {
    const fs = require('node:fs/promises');
    const manifest = JSON.parse(await fs.readFile(manifestFile, 'utf8'));
    if (manifest.cliVersion !== cliVersion || !manifest.features.includes('core')) throw new Error('no runtime');
    const state = JSON.parse(await fs.readFile(stateFile, 'utf8'));
    process.kill(state.pid, 0);
    const baseUrl = `http://${state.host ?? '127.0.0.1'}:${state.port}`;
    const health = await (await fetch(`${baseUrl}/health`)).json();
    const matches = health.version === cliVersion && health.instance === state.instance;
    if (health.status !== 'healthy' || !matches || !state.features.includes('core')) throw new Error('no daemon');
    return clients.fetch({ baseUrl, token: state.token });
  },

  /** One request of `node:http`. */
  async 'http.request'({ baseUrl, token }) {
    const http = require('node:http');
    const body = JSON.stringify({ items });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const text = await new Promise((resolve, reject) => {
      const requestOptions = { method: 'POST', headers: { ...headers, authorization: `Bearer ${token}` } };
      const request = http.request(baseUrl + path, requestOptions, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      request.on('error', reject);
      request.end(body);
    });
    return JSON.parse(text).results;
  },

  /** Starts the reference daemon and polls it every 100 ms, as the replaced code did. */
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
      return await clients.fetch({ baseUrl, token: '' });
    } finally {
      process.once('exit', () => child.kill());
    }
  },
};

clients[client](options).then((results) => {
  const elapsed = performance.now() - begin;
  if (results.orders?.ok !== true) throw new Error(`unexpected response ${JSON.stringify(results)}`);
  console.log(JSON.stringify(elapsed));
});
