/** The built-in policies as lists show them: under the first tag of each. */
import { catalogue } from './catalogue.ts';
import type { Preset, PresetTag } from './definition.ts';

/** What a tag is about, in the order of the lists. */
const titles: Readonly<Record<PresetTag, string>> = {
  founding: 'what Ghostbound grew from',
  server: 'servers',
  client: 'clients',
  proxy: 'proxies',
  pool: 'connection pools',
  kernel: 'kernel defaults',
  drain: 'shutdown',
  requests: 'connections that carry requests',
  'send-limit': 'limits on sending, beside another reaper of the same system',
};

/** The built-in policies whose first tag this is. */
export interface PresetGroup {
  readonly tag: PresetTag;
  readonly title: string;
  readonly members: readonly Preset[];
}

/** Every built-in policy, once. */
export const presetGroups: readonly PresetGroup[] = (Object.keys(titles) as PresetTag[])
  .map((tag) => ({
    tag,
    title: titles[tag],
    members: catalogue.filter(({ tags }) => tags[0] === tag),
  }))
  .filter(({ members }) => members.length > 0);
