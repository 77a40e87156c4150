/** The type of a certificate, as its schema says it. */
export type { Certificate } from '../schema/verification.ts';
