// Ways to post a JSON object and to get one back, all with the same checks.
import http from 'node:http';
import net from 'node:net';
import { createManagedDaemonHttpJsonRunner } from '@kaelio/ktx';
import { request as undiciRequest } from 'undici';
import { request } from '../lib/processes.mjs';

/** Each takes a base URL and gives `(path, payload) => Promise<object>`. */
export const clients = {
  port: (baseUrl) => createManagedDaemonHttpJsonRunner({ resolveBaseUrl: async () => baseUrl }),
  'http.request': byHttp,
  fetch: byFetch,
  'undici.request': byUndici,
  socket: bySocket,
  'JSON alone': () => async (_, payload) => object(200, JSON.stringify(payload)),
};

const headers = { accept: 'application/json', 'content-type': 'application/json' };

function byHttp(baseUrl) {
  const agent = new http.Agent({ keepAlive: true });
  return async (path, payload) => {
    const { status, text } = await request(baseUrl + path, { agent, body: JSON.stringify(payload) });
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

/** What no client of Node can do without: a kept socket, a request in one write, and of the answer only its length. */
function bySocket(baseUrl) {
  const { hostname, port } = new URL(baseUrl);
  const idle = [];
  return async (path, payload) => {
    const socket = idle.pop() ?? net.connect({ host: hostname, port, noDelay: true });
    const body = JSON.stringify(payload);
    const length = Buffer.byteLength(body);
    socket.write(`POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-length: ${length}\r\n\r\n${body}`);
    const text = await answerOn(socket);
    idle.push(socket);
    return object(200, text);
  };
}

function answerOn(socket) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let [size, wanted] = [0, Number.POSITIVE_INFINITY];
    const receive = (chunk) => {
      if (size === 0) wanted = lengthOf(chunk);
      chunks.push(chunk);
      size += chunk.length;
      if (size < wanted) return;
      socket.off('data', receive).off('error', reject);
      resolve(
        Buffer.concat(chunks)
          .subarray(chunks[0].indexOf(HEAD_END) + HEAD_END.length)
          .toString(),
      );
    };
    socket.on('data', receive).once('error', reject);
  });
}

const HEAD_END = Buffer.from('\r\n\r\n');

function lengthOf(chunk) {
  const end = chunk.indexOf(HEAD_END);
  return end + HEAD_END.length + Number(/content-length: (\d+)/.exec(chunk.toString('latin1', 0, end))[1]);
}

function object(status, text) {
  if (status < 200 || status > 299) throw new Error(`failed with ${status}: ${text}`);
  const value = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
  return value;
}
