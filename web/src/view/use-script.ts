/** Whether the script of the page runs. */

import { useSyncExternalStore } from 'react';

/** `false` in the HTML of the server and in the render that takes it over, which has to equal it; otherwise `true`. */
export function useScript(): boolean {
  return useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  );
}
