/** Connections to tools that are not databases. */

import { readCommand } from '../../site/command-line.js';
import { formatTime } from '../../site/format.js';
import { diffInWords } from '../../site/run-words.js';
import { Command } from '../../view/parts/command.js';
import { Name } from '../../view/parts/name.js';
import { ScrollRegion } from '../../view/parts/scroll-region.js';
import { PageLink } from '../../view/site-context.js';
import type { ShownConnection } from './data.js';

/** A table of the connections; nothing if there are none. */
export function Services({ services }: { services: ShownConnection[] }) {
  if (services.length === 0) return null;
  return (
    <>
      <h2>Other connections</h2>
      <ScrollRegion label="Other connections">
        <table>
          <thead>
            <tr>
              <th scope="col">Connection</th>
              <th scope="col">Product</th>
              <th scope="col">Target</th>
              <th scope="col">Newest ingest</th>
            </tr>
          </thead>
          <tbody>
            {services.map((service) => (
              <Service key={service.id} service={service} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </>
  );
}

function Service({ service: { id, driver, product, target, newest } }: { service: ShownConnection }) {
  return (
    <tr>
      <th scope="row">
        <bdi>{id}</bdi>
      </th>
      <td>{product}</td>
      <td>{target !== '' && <Name>{target}</Name>}</td>
      <td>
        {newest === null ? (
          <>
            Not read yet: <Command>{readCommand(id, driver, false)}</Command>
          </>
        ) : (
          <>
            <PageLink to={{ page: 'run', name: newest.runId }}>{formatTime(newest.startedAt)}</PageLink> ·{' '}
            {diffInWords(newest)}
          </>
        )}
      </td>
    </tr>
  );
}
