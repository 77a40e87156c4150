/**
 * Certificates read and checked: the shape, the policy's hash, the decision code's version, the verdicts
 * and the digest of the whole. Here and not in the proof room, because production checks them, too.
 */
import { canonicalJson } from '../canonical-json.ts';
import type { Issue, Result } from '../issue.ts';
import { policyHash } from '../policy/parse.ts';
import { engineVersion } from '../reaper/version.ts';
import { parse, placed } from '../schema/parse.ts';
import { certificateSchema } from '../results/verification-schema.ts';
import { sha256Hex } from '../sha256.ts';
import type { Certificate } from './types.ts';

export type { Certificate } from './types.ts';

/** Digest of a certificate, or of what is to become one: of all its fields but `digest`. */
export function certificateDigest(certificate: object): string {
  return sha256Hex(canonicalJson({ ...certificate, digest: undefined }));
}

/** Whether a value means to be a certificate; a policy has none of these fields. */
export function isCertificate(value: unknown): value is Certificate {
  if (typeof value !== 'object' || value === null) return false;
  return ['policy', 'policyHash', 'digest'].some((field) => Object.hasOwn(value, field));
}

function mismatch(path: string, received: string, expected: string, hint: string): Issue {
  return { code: 'broken-certificate', path, received: JSON.stringify(received), expected, hint };
}

function bindingIssues(certificate: Certificate): Issue[] {
  const { policy, rows } = certificate;
  const issues: Issue[] = [];
  const bind = (field: 'policyHash' | 'engineVersion', actual: string, hint: string): void => {
    if (certificate[field] === actual) return;
    issues.push(mismatch(field, certificate[field], JSON.stringify(actual), hint));
  };
  bind('policyHash', policyHash(policy), 'the policy was changed after it was verified');
  bind('engineVersion', engineVersion(policy), 'verify the policy anew with this release');
  if (rows.length === 0) {
    const hint = 'without a row it vouches for nothing; verify on at least one scenario';
    issues.push(mismatch('rows', '[]', 'at least one row', hint));
  }
  rows.forEach((row, index) => {
    if (row.policy !== policy.name) {
      const expected = JSON.stringify(policy.name);
      issues.push(
        mismatch(`rows[${index}].policy`, row.policy, expected, 'one policy per certificate'),
      );
    }
    if (row.verdict !== 'agree') {
      issues.push(
        mismatch(`rows[${index}].verdict`, row.verdict, '"agree"', 'this was not proved'),
      );
    }
  });
  return issues;
}

/**
 * Reads a certificate from parsed JSON and checks that nothing in it was changed since it was issued,
 * and that this release decides as the one that was verified.
 *
 * @param json a value as `JSON.parse` returns it
 * @param origin what the issues' paths begin with, e.g. the file's name; '' for none
 * @returns the certificate, or every issue; a `broken-certificate` issue names the field that does not fit
 * @example
 * const policy = presets['alive-flag-sweep'];
 * const found = verify(policy, { scenarios: [scenarios['vanish-idle']], runs: 10 });
 * const certificate = certify(policy, found);
 * checkCertificate(certificate, '').ok // => true
 * const edited = { ...certificate, policy: { ...policy, mechanisms: [] } };
 * checkCertificate(edited, 'c.json').issues[0].path // => 'c.json: policyHash'
 */
export function checkCertificate(json: unknown, origin: string): Result<Certificate> {
  const read = parse(certificateSchema, json, origin, 'certificate');
  if (!read.ok) return read;
  const certificate = read.value;
  const issues = bindingIssues(certificate);
  // Of the document as it is: a policy spelt otherwise is not the one that was signed off.
  if (certificate.digest !== certificateDigest(json as object)) {
    const hint = 'something in it was changed after it was issued';
    issues.push(mismatch('digest', certificate.digest, 'the digest of all the rest', hint));
  }
  if (issues.length === 0) return read;
  return { ok: false, issues: issues.map((issue) => placed(issue, origin, 'certificate')) };
}
