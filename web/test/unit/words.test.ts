import { describe, expect, it } from 'vitest';
import { distinctWords, formsOf, wordsOf } from '../../src/site/words.js';

describe('wordsOf', () => {
  it.each([
    ['order_id', ['order', 'id']],
    ['orderID', ['order', 'id']],
    ['HTTPStatusCode2', ['http', 'status', 'code', '2']],
    ['sales.order-items', ['sales', 'order', 'items']],
    ['Größe_über', ['größe', 'über']],
    ['e\u0301tat', ['état']],
    ['注文 明細', ['注文', '明細']],
    ['<b>x</b>', ['b', 'x', 'b']],
    ['😀 _ .', []],
    ['', []],
  ])('splits %s', (text, words) => expect(wordsOf(text)).toEqual(words));
});

describe('formsOf', () => {
  it('has the words of a name, and all of them as one', () => {
    expect(formsOf('order_id')).toEqual(['order', 'id', 'orderid']);
    expect(formsOf('orders')).toEqual(['orders']);
  });
});

describe('distinctWords', () => {
  it('has each word once', () => expect(distinctWords('a b A_b c', 100)).toBe('a b c'));

  it('ends between words', () => {
    expect(distinctWords('alpha beta gamma', 12)).toBe('alpha beta');
    expect(distinctWords('x'.repeat(50), 10)).toBe('x'.repeat(10));
  });
});
