/**
 * Colours that carry meaning, told apart also by people who see two kinds of light only (`../trace/draw/palette.test.ts`
 * checks contrasts and differences), and VS Code's tokens for pages that are not in VS Code.
 */

export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light';
export const THEME_KINDS: readonly ThemeKind[] = ['dark', 'light', 'hc-dark', 'hc-light'];

interface Meanings {
  readonly neutral: string;
  readonly info: string;
  readonly danger: string;
  readonly warn: string;
}

export const MEANINGS: Readonly<Record<ThemeKind, Meanings>> = {
  dark: { neutral: '#b0b0b0', info: '#5987dd', danger: '#f15b00', warn: '#fde6ab' },
  light: { neutral: '#6b6b6b', info: '#0b2964', danger: '#760909', warn: '#c8800d' },
  'hc-dark': { neutral: '#ffffff', info: '#42a3ec', danger: '#e57477', warn: '#eec651' },
  'hc-light': { neutral: '#292929', info: '#003094', danger: '#932e14', warn: '#996f18' },
};

/** VS Code's tokens that the views use, as its default themes set them. */
export const FALLBACK_TOKENS: Readonly<Record<ThemeKind, Readonly<Record<string, string>>>> = {
  dark: {
    'editor-background': '#1f1f1f',
    'editor-foreground': '#cccccc',
    descriptionForeground: '#9d9d9d',
    'widget-border': '#3c3c3c',
    'editorWidget-background': '#262626',
    'list-hoverBackground': '#2a2d2e',
    'list-activeSelectionBackground': '#04395e',
    'list-activeSelectionForeground': '#ffffff',
    focusBorder: '#3794ff',
    'input-background': '#313131',
    'input-foreground': '#cccccc',
    'input-border': '#3c3c3c',
    'button-secondaryBackground': '#313131',
    'button-secondaryForeground': '#cccccc',
    'textLink-foreground': '#4daafc',
  },
  light: {
    'editor-background': '#ffffff',
    'editor-foreground': '#3b3b3b',
    descriptionForeground: '#616161',
    'widget-border': '#d4d4d4',
    'editorWidget-background': '#f5f5f5',
    'list-hoverBackground': '#f0f0f0',
    'list-activeSelectionBackground': '#e0efff',
    'list-activeSelectionForeground': '#000000',
    focusBorder: '#005fb8',
    'input-background': '#ffffff',
    'input-foreground': '#3b3b3b',
    'input-border': '#8a8a8a',
    'button-secondaryBackground': '#e5e5e5',
    'button-secondaryForeground': '#3b3b3b',
    'textLink-foreground': '#005fb8',
  },
  'hc-dark': {
    'editor-background': '#000000',
    'editor-foreground': '#ffffff',
    descriptionForeground: '#ffffff',
    'widget-border': '#6fc3df',
    contrastBorder: '#6fc3df',
    contrastActiveBorder: '#f38518',
    'editorWidget-background': '#000000',
    'list-hoverBackground': '#2a2a2a',
    'list-activeSelectionBackground': '#000000',
    'list-activeSelectionForeground': '#ffffff',
    focusBorder: '#f38518',
    'input-background': '#000000',
    'input-foreground': '#ffffff',
    'input-border': '#6fc3df',
    'button-secondaryBackground': '#000000',
    'button-secondaryForeground': '#ffffff',
    'textLink-foreground': '#3794ff',
  },
  'hc-light': {
    'editor-background': '#ffffff',
    'editor-foreground': '#292929',
    descriptionForeground: '#292929',
    'widget-border': '#0f4a85',
    contrastBorder: '#0f4a85',
    contrastActiveBorder: '#006bbd',
    'editorWidget-background': '#ffffff',
    'list-hoverBackground': '#eef4fb',
    'list-activeSelectionBackground': '#ffffff',
    'list-activeSelectionForeground': '#292929',
    focusBorder: '#006bbd',
    'input-background': '#ffffff',
    'input-foreground': '#292929',
    'input-border': '#0f4a85',
    'button-secondaryBackground': '#ffffff',
    'button-secondaryForeground': '#292929',
    'textLink-foreground': '#0f4a85',
  },
};

/** The kind of theme from what VS Code writes on the body. Of high contrast themes the light one carries both classes. */
export function themeKindOf(attribute: string | null, classes: { contains(name: string): boolean }): ThemeKind | null {
  const says = (name: string): boolean => attribute === name || classes.contains(name);
  if (says('vscode-high-contrast-light')) return 'hc-light';
  if (says('vscode-high-contrast')) return 'hc-dark';
  if (says('vscode-light')) return 'light';
  return says('vscode-dark') ? 'dark' : null;
}
