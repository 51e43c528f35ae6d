import { describe, expect, it } from 'vitest';
import { CliError } from '../../../src/errors.js';
import { explainFailure } from '../../../src/mcp/failure.js';
import { ktxError } from '../../support/projects.js';

describe('explainFailure', () => {
  it.each(['KTX_RUNTIME_REQUIRED', 'KTX_RUNTIME_CANCELLED'] as const)(
    'takes the command out of the sentence of %s',
    (code) => {
      const failure = explainFailure(ktxError(code, 'The runtime is required. Run: ktx runtime install --yes'));
      expect(failure).toEqual({
        code: 'KTX_RUNTIME_REQUIRED',
        message: 'The runtime is required',
        hint: expect.stringMatching(/ktx runtime install --yes.* --yes to the arguments of the server/),
      });
    },
  );

  it.each([
    ['KTX_ARGUMENT_INVALID', 'Call scan_run again', 'Call scan_run again'],
    ['KTX_SCAN_MISSING', 'Scan it with: ktx scan shop', expect.stringMatching(/^scan_run /)],
    [
      'KTX_PROJECT_UNTRUSTED',
      'If you trust it, run: ktx trust /shop',
      'For the user: If you trust it, run: ktx trust /shop',
    ],
    ['KTX_QUERY_FAILED', undefined, undefined],
  ] as const)('hints at tools where a tool does it: %s', (code, next, hint) => {
    expect(explainFailure(new CliError(code, 'x', next)).hint).toEqual(hint);
  });

  it('does not cut a character in half', () => {
    for (const text of ['😀'.repeat(9000), `x${'😀'.repeat(9000)}`]) {
      expect(explainFailure(new Error(text)).message).not.toMatch(/\p{Cs}/u);
    }
  });

  it('shortens a long message', () => {
    expect(explainFailure(new Error('x'.repeat(100_000))).message).toMatch(/^Unexpected failure: x{7980}…$/);
  });
});
