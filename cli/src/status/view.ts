/** Text output of `ktx status`. */

import { renderProperties } from '../output/table.js';
import { pluralize } from '../output/text.js';
import type { Style } from '../terminal/style.js';
import type { ProjectStatus, StatusArea, StatusItem, StatusState } from './item.js';

const TITLES: Record<StatusArea, string> = {
  project: 'Project',
  connection: 'Connections',
  runtime: 'Runtime',
  'semantic-layer': 'Semantic layer',
  agents: 'Agents',
};

const LABELS: Record<StatusState, string> = { ok: 'ok', warning: 'note', problem: 'problem' };

/** Renders the lines by area, and a summary. */
export async function renderProjectStatus(
  { projectDir, project, items }: ProjectStatus,
  style: Style,
): Promise<string> {
  const sections = (Object.keys(TITLES) as StatusArea[]).map((area) =>
    renderArea(
      TITLES[area],
      items.filter((item) => item.area === area),
      style,
    ),
  );
  const rendered = (await Promise.all(sections)).filter((section) => section !== '');
  return `${style.bold(project)}  ${projectDir}\n\n${rendered.join('\n')}\n${renderSummary(items, style)}\n`;
}

async function renderArea(title: string, items: StatusItem[], style: Style): Promise<string> {
  if (items.length === 0) return '';
  const lines = items.flatMap((item): [string, string][] => [
    [`  ${item.name}`, `${paint(item.state, style)}  ${item.detail}`],
    ...(item.fix === undefined ? [] : ([['', `  fix: ${item.fix}`]] as [string, string][])),
  ]);
  return `${style.bold(title)}\n${await renderProperties(lines, style)}`;
}

function paint(state: StatusState, style: Style): string {
  const colour = { ok: style.green, warning: style.yellow, problem: style.red }[state];
  return colour(LABELS[state]);
}

function renderSummary(items: StatusItem[], style: Style): string {
  const count = (state: StatusState) => items.filter((item) => item.state === state).length;
  const problems = count('problem');
  if (problems > 0) return style.red(pluralize(problems, 'problem'));
  const notes = count('warning');
  return notes === 0 ? style.green('Everything works') : `Everything works; ${pluralize(notes, 'note')}`;
}
