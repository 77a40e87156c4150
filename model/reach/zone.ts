/** Zones, as everything here takes them. */
export { NOW, Zone } from '../zone.ts';
