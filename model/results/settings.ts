/** The types of what `tune --for` and `tune --policy` return, as their schema says it. */
export type { SettingChange, SettingRow, SettingsTuning } from './settings-schema.ts';
