/** Script of every page: takes over the HTML that the server has rendered. */

import { hydrateRoot } from 'react-dom/client';
import { DATA_ELEMENT, type Embedded, ROOT_ELEMENT } from '../site/site.js';
import { App } from '../view/app.js';
import '../view/styles/index.css';

const data = document.getElementById(DATA_ELEMENT);
const root = document.getElementById(ROOT_ELEMENT);
if (data !== null && root !== null) {
  const embedded = JSON.parse(data.textContent ?? '') as Embedded;
  hydrateRoot(root, <App {...embedded} />);
}
