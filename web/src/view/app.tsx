/** A page: the frame with navigation and search, and the view in it. */

import { VIEWS } from '../pages/registry.js';
import type { Embedded } from '../site/site.js';
import { Brand, MenuButton, Navigation } from './navigation.js';
import { Search } from './search/search.js';
import { ShellProvider, ShellSwitch } from './shell.js';
import { SiteProvider } from './site-context.js';
import { ThemeSwitch } from './theme-switch.js';
import { useScript } from './use-script.js';

/** The whole page. */
export function App({ site, data }: Embedded) {
  const View = VIEWS[site.route.page];
  const script = useScript();
  return (
    <SiteProvider value={site}>
      <ShellProvider>
        <a className="skip-link" href="#content">
          Skip to content
        </a>
        <header className="page-header">
          <Brand />
          <MenuButton />
          <Search />
          <Navigation />
          <div className="page-tools">
            <ThemeSwitch />
          </div>
        </header>
        <main id="content" tabIndex={-1}>
          <View data={data} />
        </main>
        <footer className="page-footer">
          {site.live ? 'Served by KTX on this machine' : `Written by KTX on ${site.generatedAt.slice(0, 10)}`}
          {script && <ShellSwitch />}
        </footer>
      </ShellProvider>
    </SiteProvider>
  );
}
