import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server on 127.0.0.1, closed at the end of the test. */
export interface TestServer {
  baseUrl: string;
  port: number;
  /** Every connection ever accepted, oldest first. */
  sockets: Socket[];
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

/** A received request. */
export interface ReceivedRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Starts an HTTP server that passes each complete request to `handler`. */
export function httpServer(
  handler: (request: ReceivedRequest, response: ServerResponse) => void,
  port = 0,
): Promise<TestServer & { requests: ReceivedRequest[] }> {
  const requests: ReceivedRequest[] = [];
  const server = createHttpServer(async (incoming, response) => {
    const request = await receive(incoming);
    requests.push(request);
    handler(request, response);
  });
  return listen(server, port).then((listening) => ({ ...listening, requests }));
}

/** Starts an HTTP server with a constant JSON response. */
export function jsonServer(body: unknown, status = 200): ReturnType<typeof httpServer> {
  return httpServer((_request, response) => sendJson(response, body, status));
}

/** Sends a JSON response. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Starts a TCP server that calls `respond` for every complete HTTP request of a connection. */
export function rawTcpServer(respond: (socket: Socket) => void): Promise<TestServer> {
  return listen(
    createTcpServer((socket) => {
      let received = '';
      socket.on('error', () => socket.destroy());
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        received += chunk;
        if (!isCompleteRequest(received)) return;
        received = '';
        respond(socket);
      });
    }),
  );
}

/** Starts a SOCKS5 proxy without authentication that forwards every connection to one local port. */
export async function socksServer(port: number): Promise<TestServer & { hosts: string[] }> {
  const hosts: string[] = [];
  const server = createTcpServer(async (socket) => {
    socket.on('error', () => socket.destroy());
    await once(socket, 'data');
    socket.write(Buffer.from([5, 0]));
    const [request] = (await once(socket, 'data')) as [Buffer];
    // Version, CONNECT, reserved, 3 for a name, its length, the name, the port (RFC 1928).
    const nameLength = request[4] ?? 0;
    hosts.push(`${request.subarray(5, 5 + nameLength).toString()}:${request.readUInt16BE(5 + nameLength)}`);
    const target = connect(port, '127.0.0.1');
    target.on('error', () => socket.destroy());
    await once(target, 'connect');
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    socket.pipe(target).pipe(socket);
  });
  return { ...(await listen(server)), hosts };
}

/** Returns a URL whose port refuses connections. */
export async function createRefusingUrl(): Promise<string> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = incoming;
  return { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
}

function isCompleteRequest(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  const length = /content-length: *(\d+)/i.exec(text)?.[1] ?? '0';
  return headEnd >= 0 && text.length >= headEnd + 4 + Number(length);
}

async function listen(server: Server, requestedPort = 0): Promise<TestServer> {
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(requestedPort, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, port, sockets, close };
}
