/** Dimensions written as one text: `orders.ordered_at:month`. */

const GRANULARITY = /^(?<field>.+):(?<granularity>minute|hour|day|week|month|quarter|year)$/;

/** Splits the granularity off a dimension; a text without one is returned as it is. */
export function parseDimension(text: string): string | { field: string; granularity: string } {
  const { field, granularity } = GRANULARITY.exec(text)?.groups ?? {};
  return field === undefined || granularity === undefined ? text : { field, granularity };
}
