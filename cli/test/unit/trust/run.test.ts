import { describe, expect, it } from 'vitest';
import { runKtxTrust } from '../../../src/trust/run.js';
import { makeIo } from '../../support/io.js';

describe('ktx trust', () => {
  it('prints the trusted references and their targets', async () => {
    const references = [{ connectionId: 'look', references: ['env:A', 'file:/k'], target: 'evil.example' }];
    const { io, stdout } = makeIo();
    await runKtxTrust({ projectDir: '/p' }, io, { trustKtxProject: async () => ({ projectDir: '/p', references }) });
    expect(stdout()).toBe('Trusted /p with the references of 1 connection:\n  look: env:A, file:/k → evil.example\n');
  });
});
