// Adds the bearer token to requests, for tools that cannot send one. All other headers are forwarded unchanged.
import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** Starts a proxy on loopback; `close` ends it with its connections. */
export async function startTokenProxy(target, token) {
  const { hostname, port, pathname } = new URL(target);
  const server = createServer((req, res) => {
    const headers = { ...req.headers, authorization: `Bearer ${token}` };
    const forwarded = request({ hostname, port, path: req.url, method: req.method, headers }, (response) => {
      res.writeHead(response.statusCode, response.headers);
      response.pipe(res);
    });
    forwarded.on('error', () => res.destroy());
    res.on('close', () => forwarded.destroy());
    req.pipe(forwarded);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}${pathname}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
