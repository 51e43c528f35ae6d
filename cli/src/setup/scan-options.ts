/** Options of the scans of a set-up. */

/** Tables are profiled unless ktx.yaml switches that off. A profile that fails does not fail the set-up. */
export const SETUP_SCAN = { mode: 'enriched', optionalProfile: true } as const;
