/** A list to choose from, with a search within it. */

import { useId, useMemo, useState } from 'react';
import { formatNumber } from '../../../site/format.js';
import { useRoving } from '../../../view/use-roving.js';

/** Most entries that are listed at once. */
const MAX_LISTED = 200;

/** An entry. */
export interface Choice {
  key: string;
  /** Source that it is listed below. */
  group: string;
  label: string;
  /** What it is, for the user. */
  detail?: string | undefined;
  /** More text that the search finds it by, and that is shown. */
  description?: string | undefined;
}

interface PickerProps {
  title: string;
  choices: Choice[];
  /** Keys of the chosen entries. */
  chosen: ReadonlySet<string>;
  onToggle: (key: string) => void;
}

/** The list: groups of check boxes, between which the arrow keys move. */
export function Picker({ title, choices, chosen, onToggle }: PickerProps) {
  const [search, setSearch] = useState('');
  const id = useId();
  const found = useMemo(() => findChoices(choices, search), [choices, search]);
  const groups = useMemo(() => groupsOf(found.slice(0, MAX_LISTED)), [found]);
  const roving = useRoving(useMemo(() => groups.flatMap(([, entries]) => entries.map(({ key }) => key)), [groups]));
  return (
    <div className="picker">
      <input
        type="search"
        aria-label={`Find in ${title.toLowerCase()}`}
        placeholder={`Find in ${formatNumber(choices.length)}`}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
        aria-describedby={id}
      />
      <p id={`${id}-keys`} className="visually-hidden">
        The arrow keys, Home and End move between the check boxes
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: it has groups of its own, and no legend */}
      <div className="picker-list" role="group" aria-label={title} aria-describedby={`${id}-keys`} {...roving.group}>
        {groups.map(([group, entries]) => (
          <fieldset key={group}>
            <legend>
              <bdi>{group}</bdi>
            </legend>
            {entries.map(({ key, label, detail, description }) => (
              <label key={key} title={description}>
                <input
                  type="checkbox"
                  checked={chosen.has(key)}
                  onChange={() => onToggle(key)}
                  {...roving.control(key)}
                />
                <span>
                  <bdi className="picker-name">{label}</bdi> {detail !== undefined && <small>{detail}</small>}
                  {description !== undefined && <small className="picker-description">{description}</small>}
                </span>
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      <p id={id} className="weak picker-count" role="status">
        {search !== '' && found.length <= MAX_LISTED && `${formatNumber(found.length)} found`}
        {found.length > MAX_LISTED &&
          `The first ${MAX_LISTED} of ${formatNumber(found.length)} are listed: search for the others`}
      </p>
    </div>
  );
}

/** The choices that have every word of a text. */
export function findChoices(choices: Choice[], search: string): Choice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return choices;
  return choices.filter(({ group, label, description = '' }) => {
    const text = `${group}.${label} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function groupsOf(choices: Choice[]): [string, Choice[]][] {
  const groups = new Map<string, Choice[]>();
  for (const choice of choices) {
    const entries = groups.get(choice.group) ?? [];
    groups.set(choice.group, entries);
    entries.push(choice);
  }
  return [...groups];
}
