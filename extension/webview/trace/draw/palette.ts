/**
 * Colours of a picture: those that carry meaning (`../../common/tokens.ts`), and the theme's for everything else. A page
 * that is not in VS Code gets the tokens of VS Code's four default themes.
 */

import { FALLBACK_TOKENS, MEANINGS, type ThemeKind } from '../../common/tokens.ts';
import type { Ink } from './shapes.ts';

export type Inks = Readonly<Record<Ink, string>>;

/** All colours of a picture; `token` reads one of the theme's, '' when it has none. */
export function inksOf(kind: ThemeKind, token: (name: string) => string): Inks {
  const fallback = FALLBACK_TOKENS[kind];
  const read = (name: string, other = ''): string => token(name) || fallback[name] || other;
  const highContrast = kind.startsWith('hc');
  const ink = read('editor-foreground');
  return {
    ...MEANINGS[kind],
    ink,
    muted: read('descriptionForeground', ink),
    faint: highContrast ? read('contrastBorder') : kind === 'dark' ? '#3a3a3a' : '#dddddd',
    surface: read('editor-background'),
    raised: read('editorWidget-background'),
    band: highContrast ? read('editor-background') : kind === 'dark' ? '#2b2b2b' : '#ececec',
    focus: highContrast ? read('contrastActiveBorder') : read('focusBorder'),
  };
}
