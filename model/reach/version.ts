/** Which model a number was proved in: counts changes of the rules or of reachability after which B or T may be another one. */
export const MODEL_VERSION = 2;
