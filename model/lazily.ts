/** An object whose fields are computed when they are first read: who asks for one number does not pay for five. */

/** The fields of T, each with what computes it; a field's value is kept. */
export function lazily<T extends object>(fields: { readonly [K in keyof T]: () => T[K] }): T {
  const object = {};
  for (const [name, compute] of Object.entries<() => unknown>(fields)) {
    let known: { readonly value: unknown } | undefined;
    const get = (): unknown => {
      known ??= { value: compute() };
      return known.value;
    };
    Object.defineProperty(object, name, { enumerable: true, get });
  }
  return object as T;
}
