/** What the command line uses: pages for its HTTP server, and the folder of static files. */

export type { Api, ApiName } from '../site/api.js';
export { type BuildOptions, type BuiltSite, buildSite } from './build-site.js';
export { createPageHandler, type PageHandler } from './handler.js';
export type { PageActions, PageHandlerOptions } from './options.js';
export { ForeignFolderError } from './static-folder.js';
