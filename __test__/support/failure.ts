import type { KtxError } from '@kaelio/ktx';
import { expect } from 'vitest';

/** Runs something that must fail, by throwing or by rejecting, and returns the very value that came out. */
export async function failureOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (failure) {
    return failure;
  }
  return expect.fail('expected a failure, but it succeeded');
}

/** The same for errors that the package makes: an `Error` with a code and one sentence without a full stop. */
export async function errorOf(action: () => unknown): Promise<KtxError> {
  const error = (await failureOf(action)) as KtxError;
  expect(error).toBeInstanceOf(Error);
  expect(error.code, error.message).toMatch(/^KTX_[A-Z_]+$/);
  expect(error.message).not.toMatch(/[^.]\.$/);
  return error;
}
