/** What every page knows of the site that it is part of. */

import type { Route } from './route.js';

/** The site, as it is embedded in each page. */
export interface Site {
  /** Name of the project. */
  project: string;
  /** Ids of the connections to databases, sorted. */
  connections: string[];
  /** The selected environment of the project, which commands have to name; `null` without one. */
  environment: string | null;
  /** Whether a server answers, which can search, run queries and record answers; `false` for static files. */
  live: boolean;
  /** The page. */
  route: Route;
  /** When the page was made, ISO 8601. */
  generatedAt: string;
}

/** What is embedded in the HTML of a page for its script. */
export interface Embedded {
  site: Site;
  data: unknown;
}

/** Id of the element with the embedded JSON. */
export const DATA_ELEMENT = 'page-data';

/** Id of the element that the script takes over. */
export const ROOT_ELEMENT = 'root';
