/** Colours that carry meaning can be read, and are told apart whoever looks. */

import { describe, expect, it } from 'vitest';
import { FALLBACK_TOKENS, MEANINGS, THEME_KINDS, themeKindOf } from '../../common/tokens.ts';
import { inksOf } from './palette.ts';

type Rgb = readonly [number, number, number];

const parse = (hex: string): Rgb =>
  [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;
const linear = (rgb: Rgb): Rgb =>
  rgb.map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as unknown as Rgb;
const times = (matrix: readonly Rgb[], v: Rgb): Rgb =>
  matrix.map(row => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as unknown as Rgb;

/** Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009: complete. */
const VISIONS: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Björn Ottosson, "A perceptual color space for image processing", 2020. */
function oklab(rgb: Rgb): Rgb {
  const lms = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  ).map(Math.cbrt) as unknown as Rgb;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    lms,
  );
}

function difference(left: string, right: string, vision: readonly Rgb[]): number {
  const see = (hex: string): Rgb =>
    oklab(times(vision, linear(parse(hex))).map(c => Math.min(1, Math.max(0, c))) as unknown as Rgb);
  const [a, b] = [see(left), see(right)];
  return 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** Contrast ratio of WCAG 2. */
function contrast(left: string, right: string): number {
  const luminance = (hex: string): number => {
    const [r, g, b] = linear(parse(hex));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [luminance(left), luminance(right)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe.each(THEME_KINDS)('%s', kind => {
  const meanings = Object.entries(MEANINGS[kind]);
  const background = FALLBACK_TOKENS[kind]['editor-background'];

  it.each(Object.entries(VISIONS))('differ under %s vision', (_, vision) => {
    for (const [index, [name, colour]] of meanings.entries()) {
      for (const [other, second] of meanings.slice(index + 1)) {
        expect(difference(colour, second, vision), `${name} and ${other}`).toBeGreaterThan(11);
      }
    }
  });

  it('stand out from the background: 4.5 for what is written in them, 3 for marks', () => {
    for (const [name, colour] of meanings) {
      expect(contrast(colour, background), name).toBeGreaterThanOrEqual(name === 'warn' ? 3 : 4.5);
    }
  });

  it('has readable texts', () => {
    const inks = inksOf(kind, () => '');
    for (const ink of [inks.ink, inks.muted]) {
      for (const behind of [inks.surface, inks.raised, inks.band])
        expect(contrast(ink, behind)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

it('the theme is what VS Code writes on the body', () => {
  const classes = (...names: string[]) => ({ contains: (name: string) => names.includes(name) });
  expect(themeKindOf('vscode-light', classes())).toBe('light');
  expect(themeKindOf(null, classes('vscode-high-contrast', 'vscode-high-contrast-light'))).toBe('hc-light');
  expect(themeKindOf(null, classes('vscode-high-contrast'))).toBe('hc-dark');
  expect(themeKindOf('vscode-dark', classes('vscode-dark'))).toBe('dark');
  expect(themeKindOf(null, classes())).toBeNull();
});

it('tokens of the host come before the own ones', () => {
  expect(inksOf('dark', name => (name === 'editor-background' ? '#123456' : '')).surface).toBe('#123456');
});
