/** Checks `server.json` for the demands of the MCP registry that are not in its schema. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const read = (file: string) => JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', file), 'utf8'));
const server = read('server.json');
const manifest = read('package.json');

it('names the package that names the server', () => {
  expect(manifest.mcpName).toBe(server.name);
  expect(server.packages).toHaveLength(1);
  const [{ registryType, identifier, version }] = server.packages;
  expect({ registryType, identifier, version }).toEqual({
    registryType: 'npm',
    identifier: manifest.name,
    version: manifest.version,
  });
  expect(manifest.repository.url).toBe(`git+${server.repository.url}.git`);
});

it('has a name and texts that the registry accepts', () => {
  expect(server.name).toMatch(/^io\.github\.kaelio\/[a-zA-Z0-9._-]+$/);
  expect(server.description.length).toBeLessThanOrEqual(100);
  expect(server.version).toBe(manifest.version);
});
