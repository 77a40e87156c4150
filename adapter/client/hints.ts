/**
 * What a browser tells of its network: `online`, `offline`, and that the page is visible again. Elsewhere there is
 * nothing to listen to.
 */

/** Listens until the function answered is called. `changed` tells whether there is reason to hope. */
export function listenForHints(changed: (hopeful: boolean) => void): () => void {
  const { document } = globalThis as {
    document?: Partial<HintSource> & { visibilityState?: string };
  };
  const online = (): void => {
    changed(true);
  };
  const offline = (): void => {
    changed(false);
  };
  const visibility = (): void => {
    if (document?.visibilityState === 'visible') changed(true);
  };
  const undo = [
    listen(globalThis as Partial<HintSource>, 'online', online),
    listen(globalThis as Partial<HintSource>, 'offline', offline),
    listen(document, 'visibilitychange', visibility),
  ];
  return () => {
    for (const one of undo) one();
  };
}

interface HintSource {
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}

function listen(
  source: Partial<HintSource> | undefined,
  name: string,
  listener: () => void,
): () => void {
  if (typeof source?.addEventListener !== 'function') return () => undefined;
  source.addEventListener(name, listener);
  return () => source.removeEventListener?.(name, listener);
}
