/** House style that no linter knows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { existingRooms, root, sourcesOf } from './sources.ts';

const sources = sourcesOf(existingRooms);

describe('style', () => {
  it('every file opens with what it is for', () => {
    const silent = sources
      .filter(({ text }) => !/^(#![^\n]*\n)?(\/\*\*|\/\/ )/.test(text))
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  it('leaves no marks of unfinished work', () => {
    const marks = sources
      .filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b|not implemented/i.test(text))
      .map(({ path }) => path);
    expect(marks).toEqual([]);
  });

  it('names every change users see', () => {
    const version = (
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    ).version;
    expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toContain(`## ${version}`);
  });
});
