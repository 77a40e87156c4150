/** Why the exploration does not speak of a cell: thrown where it is found out, and answered as *not proved*. */
export class NotModelled extends Error {}
