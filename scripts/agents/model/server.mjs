// A model for tests: an HTTP server with the endpoints of four APIs, which plays one conversation.
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { completions } from './completions.mjs';
import { generateContent } from './generate-content.mjs';
import { messages } from './messages.mjs';
import { responses } from './responses.mjs';

const FORMATS = [messages, responses, completions, generateContent];

/**
 * Starts the model. `conversation` decides each turn from what the client sent.
 *
 * Returns `url`, `unknown`: the other requests, among them those to other hosts where this server is the proxy, and
 * `close`.
 */
export async function startModel(conversation) {
  const unknown = [];
  const server = http.createServer((request, response) => {
    const format = FORMATS.find(({ path }) => request.method === 'POST' && path.test(request.url));
    if (format === undefined) {
      unknown.push(`${request.method} ${request.url}`);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not played"}}');
      return;
    }
    answer(format, conversation, request, response).catch((error) => response.writeHead(500).end(error.stack));
  });
  server.on('connect', (request, socket) => {
    unknown.push(`CONNECT ${request.url}`);
    socket.on('error', () => {}).end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}`, unknown, close };
}

async function answer(format, conversation, request, response) {
  const body = await json(request);
  const turn = await conversation.next({ ...format.read(body), text: JSON.stringify(body) });
  if (!(body.stream ?? request.url.includes(':stream'))) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(format.whole(turn)));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const data of format.events(turn)) {
    const event = data.type === undefined ? '' : `event: ${data.type}\n`;
    response.write(`${event}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }
  response.end();
}
