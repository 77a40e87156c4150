/** What `verify` found, bound to the policy and to the decision code it was found with. */
import type { Policy } from '../policy/types.ts';
import type { Verification } from '../results/types.ts';

/**
 * A verified policy as one JSON document. Production code takes it in place of the policy and runs
 * exactly what was verified; `checkCertificate` says whether it still is what was issued.
 *
 * The digest guards against mistakes (an edited file, another release), not against forgers: whoever can
 * write the file can write its digest.
 */
export interface Certificate extends Verification {
  readonly kind: 'certificate';
  /** In canonical form. */
  readonly policy: Policy;
  /** `policyHash` of the policy. */
  readonly policyHash: string;
  /** Version of the decision code that was verified: see `engineVersion`. */
  readonly engineVersion: string;
  /** SHA-256 of the canonical text of everything else, 64 hexadecimal digits. */
  readonly digest: string;
}
