/** Answers that are sent to the server. What is shown is what the server has answered. */

import type { KtxRelationshipAnswer } from '@kaelio/ktx';
import { useRef, useState } from 'react';
import { call } from '../../client/api.js';
import { useSite } from '../../view/site-context.js';
import type { ReviewItem } from './data.js';
import { focusItem, siblingItem } from './item-focus.js';
import { itemText } from './item-summary.js';

/** What has become of an item on this page. */
export interface AnswerState {
  /** Whether the server has not answered yet. */
  busy: boolean;
  /** The last answer that the server has recorded. */
  answer?: KtxRelationshipAnswer;
  /** Why the last one was not recorded. */
  error?: { message: string; hint?: string | undefined };
}

/** Answers of the items of a list. */
export interface Answering {
  stateOf(id: string): AnswerState | undefined;
  /** Sends an answer, and moves the focus to the item after `element` once it is recorded. */
  answer(item: ReviewItem, status: KtxRelationshipAnswer['status'], element: HTMLElement): void;
  /** What has happened last, for screen readers. */
  message: string;
}

/** Keeps the answers of a list. */
export function useAnswers(connectionId: string): Answering {
  const { route } = useSite();
  const [states, setStates] = useState<ReadonlyMap<string, AnswerState>>(new Map());
  const [message, setMessage] = useState('');
  // Of all renders, so that a second key press before the next render sends nothing.
  const pending = useRef(new Set<string>());
  const update = (id: string, change: (before: AnswerState | undefined) => AnswerState) =>
    setStates((before) => new Map(before).set(id, change(before.get(id))));

  const send = async (item: ReviewItem, status: KtxRelationshipAnswer['status'], element: HTMLElement) => {
    const { id, from, to } = item;
    if (pending.current.has(id)) return;
    pending.current.add(id);
    update(id, (before) => ({ busy: true, ...answerOf(before) }));
    try {
      const request = { connectionId, from, ...(to && { to }), status };
      const answer = await call(route, 'relationship', request);
      update(id, () => ({ busy: false, answer }));
      setMessage(`${answer.status}: ${itemText(item)}`);
      // The user may have moved on while the server was answering.
      if (element.contains(document.activeElement)) focusItem(siblingItem(element, 1) ?? element);
    } catch (reason) {
      const { message: text, hint } = reason as { message: string; hint?: string };
      update(id, (before) => ({ busy: false, ...answerOf(before), error: { message: text, hint } }));
    } finally {
      pending.current.delete(id);
    }
  };
  return {
    stateOf: (id) => states.get(id),
    answer: (item, status, element) => void send(item, status, element),
    message,
  };
}

function answerOf(state: AnswerState | undefined): Pick<AnswerState, 'answer'> {
  return state?.answer === undefined ? {} : { answer: state.answer };
}
