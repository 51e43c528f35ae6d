import { describe, expect, it } from 'vitest';
import { runKtxTrust } from '../../../src/trust/run.js';
import { makeIo } from '../../support/io.js';

describe('ktx trust', () => {
  it('says what a project may use now, and where that goes', async () => {
    const references = [{ connectionId: 'look', references: ['env:A', 'file:/k'], target: 'evil.example' }];
    const { io, stdout } = makeIo();
    await runKtxTrust({ projectDir: '/p' }, io, { trustKtxProject: async () => ({ projectDir: '/p', references }) });
    expect(stdout()).toBe('Trusted /p with what 1 connection may use:\n  look: env:A, file:/k → evil.example\n');
  });
});
