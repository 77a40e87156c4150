/** What is printed with --json is what the published schema of its kind says. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

const validators = new Map<string, ValidateFunction>();

function validatorOf(name: string): ValidateFunction {
  const known = validators.get(name);
  if (known !== undefined) return known;
  const url = new URL(`../../schema/${name}.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(url, 'utf8')) as object;
  const made = new Ajv2020({ strict: false }).compile(schema);
  validators.set(name, made);
  return made;
}

/** @returns the document */
export function expectSchema(name: string, text: string): unknown {
  const validate = validatorOf(name);
  const document = JSON.parse(text) as unknown;
  validate(document);
  expect(validate.errors).toBeNull();
  return document;
}
