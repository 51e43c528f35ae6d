// TCP ports.
import net from 'node:net';

/** Finds a free port of 127.0.0.1; another process may take it afterwards. */
export function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
