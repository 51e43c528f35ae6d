/** A button that copies a text. */

import { useEffect, useState } from 'react';
import './copy-button.css';

/** Time for which the button says what it has done, in milliseconds. */
const SHOWN_MS = 3000;

/** The button, which needs a script; `label` says what is copied. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState('');
  useEffect(() => {
    if (outcome === '') return;
    const timer = setTimeout(() => setOutcome(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('Copied');
    } catch {
      // The browser refuses: the text can still be selected.
      setOutcome('Not copied: select the text');
    }
  };
  return (
    <span className="copy-button">
      <button type="button" aria-label={label} onClick={copy}>
        Copy
      </button>
      <span role="status" className="weak">
        {outcome}
      </span>
    </span>
  );
}
