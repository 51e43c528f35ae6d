/** Access of components to the site. */

import { createContext, useContext } from 'react';
import { pathOf, type Route, relativeLink } from '../site/route.js';
import type { Site } from '../site/site.js';

const SiteContext = createContext<Site | undefined>(undefined);

/** Provides the site to all components below. */
export const SiteProvider = SiteContext.Provider;

/** The site of the page. */
export function useSite(): Site {
  const site = useContext(SiteContext);
  if (site === undefined) throw new Error('The component is outside of a page');
  return site;
}

/** Returns the function that makes the relative URL of a page, or of a path below the root of the site. */
export function useLink(): (to: Route | string) => string {
  const from = pathOf(useSite().route);
  return (to) => relativeLink(from, typeof to === 'string' ? to : pathOf(to));
}

/** A link to a page. */
export function PageLink({ to, children, className }: { to: Route; children: React.ReactNode; className?: string }) {
  return (
    <a href={useLink()(to)} className={className}>
      {children}
    </a>
  );
}
