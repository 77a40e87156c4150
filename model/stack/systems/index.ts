/** The registry: every system that a stack can name, by its role. A preset has the roles that its tags say. */
import { catalogue } from '../../policy/presets/catalogue.ts';
import type { PresetTag } from '../../policy/presets/definition.ts';
import { boxes } from '../boxes/index.ts';
import type { Role, System } from '../facts.ts';
import { browser, client, proxy, server } from './generic.ts';
import { presetSystem } from './preset.ts';

/** What the policies of a tag can stand for. A policy of the kernel alone may be anybody's. */
const rolesOf: Readonly<Partial<Record<PresetTag, readonly Role[]>>> = {
  client: ['client'],
  pool: ['client'],
  proxy: ['proxy'],
  server: ['server'],
  kernel: ['client', 'proxy', 'server'],
  drain: ['orchestrator'],
};

/** Pools that are processes of their own, with clients on one side and servers on the other. */
const BETWEEN: ReadonlySet<string> = new Set(['pgbouncer']);

const ofPresets = catalogue.flatMap((preset): readonly System[] => {
  const { name } = preset.policy;
  const tagged = preset.tags.flatMap((tag) => rolesOf[tag] ?? []);
  const between: readonly Role[] = BETWEEN.has(name) ? ['proxy'] : [];
  return [...new Set([...between, ...tagged])].map((role) => presetSystem(preset, role));
});

/** All of them; the generic ones first. */
export const systems: readonly System[] = [client, browser, proxy, server, ...ofPresets, ...boxes];
