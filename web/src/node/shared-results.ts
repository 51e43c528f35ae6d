/** What the requests of a server share. */

import type { Results } from './context.js';
import { stampOf } from './stamp.js';

/** Results of reading a project, which are dropped when its files change. */
export class SharedResults {
  #stamp: string | undefined;
  #results: Results = new Map();

  constructor(private readonly stamp: (projectDir: string) => string | undefined = stampOf) {}

  /** The results for a request. A result that is still computed for the files of before is in a map of before. */
  of(projectDir: string): Results {
    const stamp = this.stamp(projectDir);
    if (stamp === undefined || stamp !== this.#stamp) this.#results = new Map();
    this.#stamp = stamp;
    return this.#results;
  }
}
