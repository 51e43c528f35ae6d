// CommonJS consumer: an HTTP call in the main thread and in a worker, and an error with its code.
const assert = require('node:assert/strict');
const http = require('node:http');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const ktx = require('@kaelio/ktx');

async function use(url) {
  assert.deepEqual(await ktx.postManagedDaemonJson(url, '/echo', { n: 1, text: 'Größe 数据' }), {
    n: 1,
    text: 'Größe 数据',
  });
  await assert.rejects(ktx.postManagedDaemonJson('ftp://x', '/', {}), { code: 'KTX_HTTP_URL_INVALID' });
}

async function main() {
  const server = http.createServer((request, response) => request.pipe(response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  await use(url);
  const worker = new Worker(__filename, { workerData: url });
  const [message] = await new Promise((resolve, reject) => {
    worker.once('message', (received) => resolve([received]));
    worker.once('error', reject);
  });
  assert.equal(message, 'done');
  server.close();
  server.closeAllConnections();
  console.log('done');
}

if (isMainThread) main();
else use(workerData).then(() => parentPort.postMessage('done'));
