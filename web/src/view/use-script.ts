/** Whether the script of the page runs. */

import { useEffect, useState } from 'react';

/** `false` in the HTML of the server and in the first render, which has to equal it; then `true`. */
export function useScript(): boolean {
  const [running, setRunning] = useState(false);
  useEffect(() => setRunning(true), []);
  return running;
}
