/** Buttons of an item on the live page. */

import type { KtxRelationshipAnswer } from '@kaelio/ktx';
import { Name } from '../../view/parts/name.js';
import type { ReviewItem } from './data.js';
import { itemText } from './item-summary.js';
import type { Answering } from './use-answers.js';

const LABELS = { accepted: 'Accept', rejected: 'Reject' } as const;

/** The answers that an item does not have, the last recorded one, and the last error. */
export function AnswerButtons({ item, answering }: { item: ReviewItem; answering: Answering }) {
  const { answer, error } = answering.stateOf(item.id) ?? {};
  const status = answer?.status ?? item.status;
  return (
    <div className="answers">
      {(['accepted', 'rejected'] as const)
        .filter((each) => each !== status)
        .map((each) => (
          <AnswerButton key={each} item={item} status={each} answering={answering} />
        ))}
      {answer !== undefined && (
        <span>
          <span className={`badge ${answer.status}`}>{answer.status}</span>{' '}
          <span className="weak">
            recorded in <Name>{answer.path}</Name>
          </span>
        </span>
      )}
      {error !== undefined && (
        <p role="alert" className="notice error">
          {error.message} {error.hint}
        </p>
      )}
    </div>
  );
}

interface ButtonProps {
  item: ReviewItem;
  status: KtxRelationshipAnswer['status'];
  answering: Answering;
}

/** Not `disabled` while the server answers, as it would lose the focus. */
function AnswerButton({ item, status, answering }: ButtonProps) {
  return (
    <button
      type="button"
      aria-disabled={answering.stateOf(item.id)?.busy === true}
      aria-label={`${LABELS[status]} ${itemText(item)}`}
      onClick={({ currentTarget }) => {
        const element = currentTarget.closest<HTMLElement>('.review-item');
        if (element !== null) answering.answer(item, status, element);
      }}
    >
      {LABELS[status]}
    </button>
  );
}
