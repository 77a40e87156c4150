/**
 * Assertions that stay on in production. A failed one is a bug of ours, never a
 * user's mistake (those are {@link Issue} values) and never the remote side's
 * behaviour (that is an event).
 */

/** Thrown when an assertion does not hold; the command line turns it into exit code 70. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/** Throws {@link InternalError} unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** Marks a branch that the types say cannot be reached. */
export function assertNever(value: never, what: string): never {
  throw new InternalError(`unexpected ${what}: ${JSON.stringify(value)}`);
}
