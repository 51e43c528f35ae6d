// The leanest server there is: answers every request with the body that it sent, and says its port on standard output.
// What a client needs beyond it is the client's own.
import net from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  let [chunks, size, wanted] = [[], 0, Number.POSITIVE_INFINITY];
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (wanted === Number.POSITIVE_INFINITY) wanted = requestLength(Buffer.concat(chunks));
    if (size < wanted) return;
    const request = Buffer.concat(chunks);
    [chunks, size, wanted] = [[], 0, Number.POSITIVE_INFINITY];
    answer(socket, request.subarray(request.indexOf(HEAD_END) + HEAD_END.length));
  });
});

/** Bytes of head and body; clients of the bench send one request at a time, with its length. */
function requestLength(bytes) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return Number.POSITIVE_INFINITY;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end)) ?? [];
  return end + HEAD_END.length + Number(length ?? 0);
}

function answer(socket, body) {
  socket.cork();
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`, 'latin1');
  socket.write(body);
  socket.uncork();
}

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
