// Ways to post a JSON object and to get one back, all with the same checks.
import http from 'node:http';
import { createManagedDaemonHttpJsonRunner } from '@kaelio/ktx';
import { request as undiciRequest } from 'undici';

/** Each takes a base URL and gives `(path, payload) => Promise<object>`. */
export const clients = {
  port: (baseUrl) => createManagedDaemonHttpJsonRunner({ resolveBaseUrl: async () => baseUrl }),
  'http.request': byHttp,
  fetch: byFetch,
  'undici.request': byUndici,
};

const headers = { accept: 'application/json', 'content-type': 'application/json' };

function byHttp(baseUrl) {
  const agent = new http.Agent({ keepAlive: true });
  return async (path, payload) => {
    const body = JSON.stringify(payload);
    const { status, text } = await new Promise((resolve, reject) => {
      const options = { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } };
      const sent = http.request(baseUrl + path, options, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
        answer.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
    return object(status, text);
  };
}

function byFetch(baseUrl) {
  return async (path, payload) => {
    const answer = await fetch(baseUrl + path, { method: 'POST', headers, body: JSON.stringify(payload) });
    return object(answer.status, await answer.text());
  };
}

function byUndici(baseUrl) {
  return async (path, payload) => {
    const answer = await undiciRequest(baseUrl + path, { method: 'POST', headers, body: JSON.stringify(payload) });
    return object(answer.statusCode, await answer.body.text());
  };
}

function object(status, text) {
  if (status < 200 || status > 299) throw new Error(`failed with ${status}: ${text}`);
  const value = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
  return value;
}
