/** The stack object: written and read, as a file or as one line. */
export { builtInStacks, stackNamed } from './built-in.ts';
export type { Facts, Role, System, SystemOption } from './facts.ts';
export { hopsOf, partiesOf, type Hop } from './hops.ts';
export type { Stack, StackInput, StatedLink } from './schema.ts';
export { parseExpression, type ReadPolicy } from './expression.ts';
export { systems } from './systems/index.ts';
export { commonOptions } from './common-options.ts';
export { defineStack, parseStack } from './parse.ts';
export { formatStack, writtenStack } from './print.ts';
