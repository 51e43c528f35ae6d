/** Metadata of the server as an OAuth protected resource: RFC 9728. */

import { getOAuthProtectedResourceMetadataUrl } from '@modelcontextprotocol/server';

/** Path of the metadata. */
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Metadata, by the public URL of the endpoint. It names no authorization server, as the token is a fixed one. */
export function createMetadata(resource: URL): object {
  return {
    resource: resource.href,
    resource_name: 'KTX',
    bearer_methods_supported: ['header'],
    resource_documentation: 'https://github.com/kaelio/ktx/blob/main/docs/mcp-http.md',
  };
}

/** Whether a path is that of the metadata: the well-known path alone, or followed by the path of the endpoint. */
export function isMetadataPath(path: string, resource: URL): boolean {
  return path === WELL_KNOWN || path === new URL(getOAuthProtectedResourceMetadataUrl(resource)).pathname;
}

/** Value of `WWW-Authenticate` for a request without a valid token. */
export function challenge(resource: URL | undefined): string {
  if (resource === undefined) return 'Bearer realm="ktx"';
  return `Bearer realm="ktx", resource_metadata="${getOAuthProtectedResourceMetadataUrl(resource)}"`;
}
