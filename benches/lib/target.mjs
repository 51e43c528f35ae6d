// Targets of comparisons. The ratio or difference is computed per run, in which both sides are measured directly after
// each other, so that a slowdown of the machine affects both; the median over the runs is compared with the target.

/** Ours is at most `limit` times the other. */
export function atMost(limit) {
  return { text: `≤ ${shortNumber(limit)}×`, ...ratio, isMet: (value) => value <= limit };
}

/** Ours is at least `limit` times the other. */
export function atLeast(limit) {
  return { text: `≥ ${shortNumber(limit)}×`, ...ratio, isMet: (value) => value >= limit };
}

/** Ours exceeds the other by at most `limit`. */
export function plusAtMost(limit, unit) {
  const relate = (ours, other) => ours - other;
  return {
    text: `≤ +${limit} ${unit}`,
    relate,
    show: (value) => signed(value, unit),
    isMet: (value) => value <= limit,
  };
}

/** Ours is below `limit`, independent of the other. */
export function below(limit, unit) {
  return { text: `< ${limit} ${unit}`, ...ratio, isMet: (_, ours) => ours < limit };
}

/** Printed without a target. */
export function noTarget() {
  return { text: '', ...ratio, isMet: () => undefined };
}

const ratio = { relate: (ours, other) => ours / other, show: (value) => `${shortNumber(value)}×` };

function signed(value, unit) {
  return `${value < 0 ? '−' : '+'}${shortNumber(Math.abs(value))} ${unit}`;
}

/** Formats a number with about three significant digits. */
export function shortNumber(value) {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return value.toFixed(digits);
}
