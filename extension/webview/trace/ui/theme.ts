/** What pictures read of the theme. */

import { followTheme as follow } from '../../common/theme.ts';
import type { ThemeKind } from '../../common/tokens.ts';
import { type Inks, inksOf } from '../draw/palette.ts';
import type { Viewer } from './viewer.ts';

export function followTheme(viewer: Viewer): void {
  follow(kind => {
    viewer.theme.value = kind;
    viewer.themeChange.value++;
  });
}

export function currentInks(kind: ThemeKind): Inks {
  const style = getComputedStyle(document.documentElement);
  return inksOf(kind, name => style.getPropertyValue(`--vscode-${name}`).trim());
}

/** Font of the host's texts. */
export function currentFont(): string {
  return getComputedStyle(document.body).fontFamily || 'sans-serif';
}
