/** What could not be read. */

import type { ReadFailure } from '../../site/failure.js';
import { DataText } from './name.js';

/** The reason, and what repairs it; nothing without a failure. */
export function Failure({ failure }: { failure: ReadFailure | null }) {
  if (failure === null) return null;
  return (
    <div className="notice error">
      <DataText>{failure.message}</DataText>
      {failure.hint !== null && (
        <p>
          <DataText>{failure.hint}</DataText>
        </p>
      )}
    </div>
  );
}
