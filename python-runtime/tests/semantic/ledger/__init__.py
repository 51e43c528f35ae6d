"""Random ledgers, questions with calculations about them, and an oracle that answers these row by row."""
