/** The type of a certificate, as its schema says it. */
export type { Certificate } from '../results/verification-schema.ts';
