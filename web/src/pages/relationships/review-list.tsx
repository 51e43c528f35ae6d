/** Items of one status, which can be answered. */

import { useSite } from '../../view/site-context.js';
import { useScript } from '../../view/use-script.js';
import { AnswerButtons } from './answer-buttons.js';
import { AnswerCommands } from './answer-commands.js';
import type { ReviewItem } from './data.js';
import { focusItem, siblingItem } from './item-focus.js';
import { ItemSummary, itemText } from './item-summary.js';
import { type Answering, useAnswers } from './use-answers.js';

interface ListProps {
  items: ReviewItem[];
  title: string;
  /** What is said if there are none; without it, the section is left out. */
  none?: string;
  connectionId: string;
}

/** The section. */
export function ReviewList({ items, title, none, connectionId }: ListProps) {
  const answering = useAnswers(connectionId);
  if (items.length === 0 && none === undefined) return null;
  const open = items.filter(({ id }) => answering.stateOf(id)?.answer === undefined).length;
  return (
    <section>
      <h2>{`${title} (${open})`}</h2>
      {items.length === 0 && <p>{none}</p>}
      <ol className="review-list">
        {items.map((item) => (
          <Item key={item.id} item={item} connectionId={connectionId} answering={answering} />
        ))}
      </ol>
      <p className="visually-hidden" role="status">
        {answering.message}
      </p>
    </section>
  );
}

interface ItemProps {
  item: ReviewItem;
  connectionId: string;
  answering: Answering;
}

function Item({ item, connectionId, answering }: ItemProps) {
  const { live } = useSite();
  const enabled = useScript() && live;
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>) => {
    // Only while the item itself has the focus, so that no key is taken from a button or a link.
    if (event.target !== event.currentTarget || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'a') answering.answer(item, 'accepted', event.currentTarget);
    else if (event.key === 'r') answering.answer(item, 'rejected', event.currentTarget);
    else if (event.key === 'ArrowDown') focusItem(siblingItem(event.currentTarget, 1));
    else if (event.key === 'ArrowUp') focusItem(siblingItem(event.currentTarget, -1));
    else return;
    event.preventDefault();
  };
  return (
    <li>
      <article
        className={`review-item ${answering.stateOf(item.id)?.answer === undefined ? '' : 'answered'}`}
        aria-label={itemText(item)}
        {...(enabled && { tabIndex: 0, onKeyDown })}
      >
        <ItemSummary item={item} connectionId={connectionId} />
        {enabled ? (
          <AnswerButtons item={item} answering={answering} />
        ) : (
          <AnswerCommands item={item} connectionId={connectionId} />
        )}
      </article>
    </li>
  );
}
