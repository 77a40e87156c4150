/**
 * How wide a text is in the font the charts are drawn with (Inter, `viz/assets`). Without a browser
 * nobody measures text, and vega then guesses 0.8 em a letter, which leaves gaps beside short
 * labels and pushes legends away. The numbers are the font's own advance widths (`hmtx` table),
 * so a chart laid out here looks the same in a browser that has the font. Kerning is left out.
 */
import { tied } from './width.ts';

/** `head.unitsPerEm` of both files. */
const UNITS_PER_EM = 2048;

/** U+0020 to U+007E, Inter-Regular.ttf. */
const REGULAR = [
  576, 589, 954, 1297, 1314, 2011, 1319, 614, 747, 747, 1026, 1355, 590, 942, 590, 738, 1292, 833,
  1249, 1265, 1323, 1215, 1270, 1159, 1267, 1270, 590, 618, 1355, 1355, 1355, 1047, 1978, 1413,
  1340, 1496, 1478, 1231, 1209, 1528, 1522, 550, 1169, 1376, 1158, 1850, 1543, 1566, 1308, 1566,
  1318, 1314, 1322, 1524, 1413, 2018, 1397, 1390, 1288, 747, 738, 747, 965, 934, 661, 1150, 1254,
  1170, 1254, 1194, 758, 1256, 1211, 496, 496, 1124, 496, 1794, 1210, 1228, 1254, 1254, 771, 1081,
  670, 1211, 1151, 1676, 1118, 1151, 1131, 873, 681, 873, 1355,
];

/** U+0020 to U+007E, Inter-Bold.ttf. */
const BOLD = [
  485, 692, 1130, 1329, 1341, 2080, 1376, 694, 772, 772, 1145, 1390, 684, 958, 684, 795, 1381, 883,
  1290, 1322, 1385, 1274, 1330, 1191, 1333, 1330, 684, 702, 1390, 1390, 1390, 1146, 2081, 1529,
  1355, 1515, 1479, 1244, 1202, 1537, 1530, 575, 1197, 1473, 1158, 1908, 1561, 1578, 1327, 1591,
  1345, 1341, 1367, 1499, 1529, 2125, 1512, 1497, 1360, 772, 795, 772, 997, 975, 748, 1189, 1291,
  1205, 1291, 1220, 815, 1294, 1275, 555, 555, 1188, 555, 1869, 1275, 1256, 1291, 1291, 834, 1147,
  750, 1275, 1228, 1741, 1188, 1233, 1173, 960, 761, 960, 1390,
];

/** The signs beyond ASCII that charts use; regular and bold. */
const OTHERS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['\u00a0', [576, 485]],
  ['·', [590, 684]],
  ['–', [1024, 1024]],
  ['×', [1355, 1390]],
  ['≤', [1355, 1390]],
  ['∞', [1917, 2008]],
  ['…', [1770, 2052]],
]);

/** The width of any other letter: that of the widest common ones, so that nothing is clipped. */
const OTHER_UNITS = 1600;

/** Width in pixels of one line of text. */
export function textWidthPx(text: string, fontSizePx: number, bold = false): number {
  const ascii = bold ? BOLD : REGULAR;
  let units = 0;
  for (const letter of text) {
    units += ascii[letter.charCodeAt(0) - 32] ?? OTHERS.get(letter)?.[bold ? 1 : 0] ?? OTHER_UNITS;
  }
  return (units / UNITS_PER_EM) * fontSizePx;
}

/** Breaks a text at its spaces into lines no wider than `widthPx` (a longer word stays whole). */
export function wrapText(
  text: string,
  widthPx: number,
  fontSizePx: number,
  bold = false,
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of tied(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidthPx(longer, fontSizePx, bold) > widthPx) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].map((each) => each.replaceAll('\u00a0', ' '));
}
