/** Renders pages to HTML, which needs no script to be read. */

import { renderToString } from 'react-dom/server';
import { pathOf, type Route, relativeLink } from '../site/route.js';
import { DATA_ELEMENT, type Embedded, ROOT_ELEMENT, type Site } from '../site/site.js';
import { App } from '../view/app.js';
import { titleOf } from '../view/titles.js';
import type { LoadContext } from './context.js';
import { LOADERS } from './loaders.js';
import { embedJson, escapeHtml } from './markup.js';

/** Where a site is shown. */
export interface RenderOptions {
  live: boolean;
  generatedAt: string;
  /** Content security policy for files that no server sends headers with. */
  contentSecurityPolicy?: string;
}

/** Loads and renders a page. */
export async function renderPage(context: LoadContext, route: Route, options: RenderOptions): Promise<string> {
  const load = LOADERS[route.page] as (context: LoadContext, route: Route) => Promise<unknown>;
  const { live, generatedAt } = options;
  const connections = context.databases.map(({ id }) => id);
  const environment = context.environment ?? null;
  const site: Site = { project: context.project.name, connections, environment, live, route, generatedAt };
  const embedded: Embedded = { site, data: await load(context, route) };
  const root = relativeLink(pathOf(route), '');
  return documentOf({
    title: `${titleOf(route, embedded.data)} · ${site.project}`,
    root,
    body: renderToString(<App {...embedded} />),
    json: embedJson(embedded),
    policy: options.contentSecurityPolicy,
  });
}

interface Parts {
  title: string;
  /** URL of the root of the site, relative to the page. */
  root: string;
  body: string;
  json: string;
  policy: string | undefined;
}

function documentOf({ title, root, body, json, policy }: Parts): string {
  const meta =
    policy === undefined ? '' : `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${meta}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${root}assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}assets/app.css">
<script src="${root}assets/theme.js"></script>
<script src="${root}assets/app.js" defer></script>
</head>
<body>
<div id="${ROOT_ELEMENT}">${body}</div>
<script type="application/json" id="${DATA_ELEMENT}">${json}</script>
</body>
</html>
`;
}
