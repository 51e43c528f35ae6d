/** How a semantic query is answered, in words. */
import type { KtxSemanticQueryResult } from '@kaelio/ktx';
/** A section: its title, and what there is to say. */
export interface Section {
    title: string;
    lines: string[];
}
/** The sections of the explanation that have lines. */
export declare function explain({ plan }: KtxSemanticQueryResult): Section[];
