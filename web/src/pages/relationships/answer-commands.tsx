/** Commands of an item, where no server answers. */

import { answerCommand, inEnvironment } from '../../site/command-line.js';
import { useSite } from '../../view/site-context.js';
import type { ReviewItem } from './data.js';

/** The commands of the answers that an item does not have. */
export function AnswerCommands({ item, connectionId }: { item: ReviewItem; connectionId: string }) {
  const { environment } = useSite();
  const answers = (['accept', 'reject'] as const).filter((answer) => `${answer}ed` !== item.status);
  return (
    <ul className="answer-commands">
      {answers.map((answer) => (
        <li key={answer}>
          <code>{inEnvironment(answerCommand(answer, connectionId, item), environment)}</code>
        </li>
      ))}
    </ul>
  );
}
