/** Expressions with a name: `sum(orders.amount) as revenue`. */
/** Splits the name off an expression; `undefined` if it has none. */
export declare function splitName(text: string): {
    expr: string;
    name: string;
} | undefined;
