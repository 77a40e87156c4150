#!/usr/bin/env node
// Prints the grid of every built-in policy on every founding scenario: `npm run -s grid > before.txt`, change something,
// `npm run -s grid | diff before.txt -`. Builds nothing: `npm run build` first.
import { gridText } from '../dist/scenarios/pages/grid.js';

process.stdout.write(gridText());
