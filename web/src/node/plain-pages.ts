/** Pages that show nothing of the project. */

import type { ApiFailure } from '../site/api.js';
import { escapeHtml } from './markup.js';

/** A page with a message. */
export function messagePage(root: string, title: string, { message, hint }: ApiFailure['error']): string {
  const next = hint === undefined ? '' : `<p>${escapeHtml(hint)}</p>`;
  return plainPage(
    root,
    title,
    `<p role="alert">${escapeHtml(message)}</p>${next}<p><a href="${root}">Overview</a></p>`,
  );
}

/** The page that exchanges the ticket of the URL for a session. */
export function signInPage(root: string): string {
  const text = `<p id="message" role="status">This page is private. Open it with: <code>ktx open</code></p>`;
  return plainPage(root, 'KTX', `${text}<script src="${root}assets/sign-in.js"></script>`);
}

function plainPage(root: string, title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${root}assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}assets/app.css">
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`;
}
