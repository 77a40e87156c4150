/** One JSON document for parsers and people alike. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDocument } from '../../cli/text/json-document.ts';
import { cases } from '../support/property.ts';

describe('JSON documents', () => {
  it('say the same as JSON.stringify, one element a line', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
        expect(JSON.parse(jsonDocument(document))).toEqual(JSON.parse(JSON.stringify(document)));
      }),
      cases(100),
    );
    expect(jsonDocument({ schemaVersion: 1, rows: [{ a: 1 }, { a: 2 }] })).toBe(
      '{\n  "schemaVersion": 1,\n  "rows": [\n    {"a":1},\n    {"a":2}\n  ]\n}\n',
    );
  });
});
