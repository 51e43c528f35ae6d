/** Commands of an item, where no server answers. */

import { answerCommand } from '../../site/command-line.js';
import { Command } from '../../view/parts/command.js';
import type { ReviewItem } from './data.js';

/** The commands of the answers that an item does not have. */
export function AnswerCommands({ item, connectionId }: { item: ReviewItem; connectionId: string }) {
  const answers = (['accept', 'reject'] as const).filter((answer) => `${answer}ed` !== item.status);
  return (
    <ul className="answer-commands">
      {answers.map((answer) => (
        <li key={answer}>
          <Command>{answerCommand(answer, connectionId, item)}</Command>
        </li>
      ))}
    </ul>
  );
}
