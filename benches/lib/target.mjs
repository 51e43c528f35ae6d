// What a comparison is to reach. The quotient or difference is taken within each run, in which both sides were measured
// right after each other, so that a machine that becomes slower meanwhile slows both; the median of these decides.

/** Ours at most `limit` times the other. */
export function atMost(limit) {
  return { text: `≤ ${shortNumber(limit)}×`, ...quotient, isMet: (value) => value <= limit };
}

/** Ours at least `limit` times the other. */
export function atLeast(limit) {
  return { text: `≥ ${shortNumber(limit)}×`, ...quotient, isMet: (value) => value >= limit };
}

/** Ours at most `limit` more than the other. */
export function plusAtMost(limit, unit) {
  const relate = (ours, other) => ours - other;
  return {
    text: `≤ +${limit} ${unit}`,
    relate,
    show: (value) => signed(value, unit),
    isMet: (value) => value <= limit,
  };
}

/** Ours below `limit`, independent of the other. */
export function below(limit, unit) {
  return { text: `< ${limit} ${unit}`, ...quotient, isMet: (_, ours) => ours < limit };
}

/** Printed, without a target. */
export function noTarget() {
  return { text: '', ...quotient, isMet: () => undefined };
}

const quotient = { relate: (ours, other) => ours / other, show: (value) => `${shortNumber(value)}×` };

function signed(value, unit) {
  return `${value < 0 ? '−' : '+'}${shortNumber(Math.abs(value))} ${unit}`;
}

/** A number in about three digits. */
export function shortNumber(value) {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return value.toFixed(digits);
}
