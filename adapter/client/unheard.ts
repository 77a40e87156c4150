/**
 * Where an error goes that nobody listens for: to `reportError` where the runtime has it (a browser shows it, and tells
 * `window.onerror`), else to the console. An uncaught exception would end a Node process.
 */
export function sayUnheard(error: unknown): void {
  const { reportError } = globalThis as { readonly reportError?: (error: unknown) => void };
  if (typeof reportError === 'function') reportError(error);
  else console.error(error);
}
