/** Fields that several kinds of silence have. */
import { duration } from '../schema/words.ts';

export const length = duration('How long it lasts.');
