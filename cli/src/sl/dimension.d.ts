/** Dimensions written as one text: `orders.ordered_at:month`, or `case … end as size`. */
import type { KtxSemanticDimension } from '@kaelio/ktx';
/** Splits the granularity and the name off a dimension; a text without both is returned as it is. */
export declare function parseDimension(text: string): string | KtxSemanticDimension;
