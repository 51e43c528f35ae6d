/** The content security policy of all pages: nothing from elsewhere, and no script or style in the markup. */
const DIRECTIVES = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** Policy of static files, in their markup. */
export const STATIC_POLICY = Object.entries(DIRECTIVES)
  .map((each) => each.join(' '))
  .join('; ');

/** Headers of each response of the server. */
export const SECURITY_HEADERS = {
  // Not effective in the markup.
  'content-security-policy': `${STATIC_POLICY}; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;
