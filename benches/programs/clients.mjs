// HTTP clients that post a JSON object and parse the response, all with the same checks.
import http from 'node:http';
import net from 'node:net';
import { createManagedDaemonHttpJsonRunner } from '@kaelio/ktx';
import { request as undiciRequest } from 'undici';
import { request } from '../lib/processes.mjs';

/** Each takes a base URL and returns `(path, payload) => Promise<object>`. */
export const clients = {
  port: (baseUrl) => createManagedDaemonHttpJsonRunner({ resolveBaseUrl: async () => baseUrl }),
  'http.request': createHttpClient,
  fetch: createFetchClient,
  'undici.request': createUndiciClient,
  socket: createSocketClient,
  'JSON alone': () => async (_, payload) => parseObject(200, JSON.stringify(payload)),
};

const headers = { accept: 'application/json', 'content-type': 'application/json' };

function createHttpClient(baseUrl) {
  const agent = new http.Agent({ keepAlive: true });
  return async (path, payload) => {
    const { status, text } = await request(baseUrl + path, { agent, body: JSON.stringify(payload) });
    return parseObject(status, text);
  };
}

function createFetchClient(baseUrl) {
  return async (path, payload) => {
    const response = await fetch(baseUrl + path, { method: 'POST', headers, body: JSON.stringify(payload) });
    return parseObject(response.status, await response.text());
  };
}

function createUndiciClient(baseUrl) {
  return async (path, payload) => {
    const response = await undiciRequest(baseUrl + path, { method: 'POST', headers, body: JSON.stringify(payload) });
    return parseObject(response.statusCode, await response.body.text());
  };
}

/** Minimum of any Node client: a reused socket, one write per request, and parsing only the length of the response. */
function createSocketClient(baseUrl) {
  const { hostname, port } = new URL(baseUrl);
  const idle = [];
  return async (path, payload) => {
    const socket = idle.pop() ?? net.connect({ host: hostname, port, noDelay: true });
    const body = JSON.stringify(payload);
    const length = Buffer.byteLength(body);
    socket.write(`POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-length: ${length}\r\n\r\n${body}`);
    const text = await readResponse(socket);
    idle.push(socket);
    return parseObject(200, text);
  };
}

function readResponse(socket) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let [size, expected] = [0, Number.POSITIVE_INFINITY];
    const receive = (chunk) => {
      if (size === 0) expected = responseLength(chunk);
      chunks.push(chunk);
      size += chunk.length;
      if (size < expected) return;
      socket.off('data', receive).off('error', reject);
      resolve(
        Buffer.concat(chunks)
          .subarray(chunks[0].indexOf(HEADER_END) + HEADER_END.length)
          .toString(),
      );
    };
    socket.on('data', receive).once('error', reject);
  });
}

const HEADER_END = Buffer.from('\r\n\r\n');

function responseLength(chunk) {
  const end = chunk.indexOf(HEADER_END);
  return end + HEADER_END.length + Number(/content-length: (\d+)/.exec(chunk.toString('latin1', 0, end))[1]);
}

function parseObject(status, text) {
  if (status < 200 || status > 299) throw new Error(`failed with ${status}: ${text}`);
  const value = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object');
  return value;
}
