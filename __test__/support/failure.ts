import type { KtxError } from '@kaelio/ktx';
import { expect } from 'vitest';

/** Runs an action that is expected to throw or reject, and returns the thrown value. */
export async function catchFailure(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (failure) {
    return failure;
  }
  return expect.fail('expected a failure, but it succeeded');
}

/** Same for errors of the package: an `Error` with a code, whose message has no full stop. */
export async function catchError(action: () => unknown): Promise<KtxError> {
  const error = (await catchFailure(action)) as KtxError;
  expect(error).toBeInstanceOf(Error);
  expect(error.code, error.message).toMatch(/^KTX_[A-Z_]+$/);
  expect(error.message).not.toMatch(/[^.]\.$/);
  return error;
}
