import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { promptTools } from '../../../../src/mcp/context/prompts.js';
import { temporaryDir } from '../../../support/ktx.js';
import { connect } from '../../../support/mcp-client.js';

/** A client of a project with these files in `prompts`. */
async function connectTo(files: Record<string, string>) {
  const projectDir = await temporaryDir();
  const folder = join(projectDir, 'prompts');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { client } = await connect({ prompts: promptTools({ projectDir } as never) });
  return { client, folder };
}

const textOf = ({ messages }: { messages: { content: { type: string } }[] }) =>
  messages.map(({ content }) => (content as { text?: string }).text).join();

describe('prompts', () => {
  it('are ours where the project has none, with their arguments', async () => {
    const { client } = await connect({});
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['explore', 'explain_number', 'model_metric']);
    expect(prompts[0]?.arguments).toEqual([{ name: 'topic', required: true }]);
    const prompt = await client.getPrompt({ name: 'explore', arguments: { topic: '$& refunds {{number}}' } });
    expect(textOf(prompt)).toMatch(/^Find out what the warehouse knows about: \$& refunds {{number}}\n/);
    await expect(client.getPrompt({ name: 'explore' })).rejects.toThrow('needs the arguments topic');
    await expect(client.getPrompt({ name: 'nope' })).rejects.toThrow('not found');
  });

  it('are the files of the project, read for each request; one replaces ours of its name', async () => {
    const { client, folder } = await connectTo({ 'explore.md': '# Our way\n\nLook.', 'b.md': '\nAsk {{ who }}.' });
    await writeFile(join(folder, 'a.md'), '');
    expect((await client.listPrompts()).prompts.slice(2)).toEqual([
      { name: 'a', description: 'a' },
      { name: 'b', description: 'Ask {{ who }}.', arguments: [{ name: 'who', required: true }] },
      { name: 'explore', description: 'Our way' },
    ]);
    expect(textOf(await client.getPrompt({ name: 'b', arguments: { who: 'Ada' } }))).toBe('\nAsk Ada.');
  });

  it('are neither links, which may lead out of the project, nor large files, nor files with other names', async () => {
    const { client, folder } = await connectTo({ 'large.md': 'x'.repeat(65_537), 'a b.md': 'x', 'c.txt': 'x' });
    const secret = join(await temporaryDir(), 'secret');
    await writeFile(secret, 'secret');
    await symlink(secret, join(folder, 'link.md'));
    expect((await client.listPrompts()).prompts).toHaveLength(3);
  });
});
