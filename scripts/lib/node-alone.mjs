// A machine with nothing but Node, for tests on Linux: a PATH with Node and npm alone, and a mirror of uv that serves the
// Python of this machine.
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { findPython, root, run } from './steps.mjs';

/** Writes the files into `folder`; returns the variables of the machine and `close`. */
export async function startNodeAlone(folder) {
  const bin = path.join(folder, 'node-alone');
  mkdirSync(bin);
  symlinkSync(process.execPath, path.join(bin, 'node'));
  const npm = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim();
  symlinkSync(realpathSync(npm), path.join(bin, 'npm'));
  run(findPython(), [path.join(root, 'scripts', 'pack-python.py'), bin]);
  const server = http.createServer(({ url }, response) => {
    createReadStream(path.join(bin, path.basename(url)))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const env = {
    PATH: bin,
    UV_PYTHON_INSTALL_MIRROR: url,
    UV_PYTHON_DOWNLOADS_JSON_URL: `${url}/downloads.json`,
  };
  return { env, close: () => new Promise((resolve) => server.close(resolve)) };
}
