/** Follows the theme of whoever hosts the page, and stands in for it where there is none. */

import { FALLBACK_TOKENS, type ThemeKind, themeKindOf } from './tokens.ts';

/**
 * Reads the theme now and after every change. VS Code changes variables on the root and names on the body, never the page.
 * Style sheets find the kind of theme in the body's `data-theme`.
 */
export function followTheme(onTheme: (kind: ThemeKind) => void): void {
  const preferred = ['(prefers-color-scheme: light)', '(prefers-contrast: more)', '(forced-colors: active)'].map(
    query => matchMedia(query),
  );
  const read = (): void => {
    const { body, documentElement } = document;
    const kind = themeKindOf(body.dataset.vscodeThemeKind ?? null, body.classList) ?? preferredKind(preferred);
    if (hasHostTheme()) body.classList.remove('own-theme');
    else applyFallback(documentElement, kind);
    if (body.dataset.theme !== kind) body.dataset.theme = kind;
    onTheme(kind);
  };
  read();
  const options = {
    attributes: true,
    attributeFilter: ['class', 'style', 'data-vscode-theme-kind', 'data-vscode-theme-id'],
  };
  const observer = new MutationObserver(() => {
    observer.disconnect();
    read();
    observe();
  });
  // What is written while reading must not call the observer again.
  const observe = (): void => {
    observer.observe(document.body, options);
    observer.observe(document.documentElement, options);
  };
  observe();
  for (const query of preferred) query.addEventListener('change', read);
}

function preferredKind([light, more, forced]: readonly MediaQueryList[]): ThemeKind {
  return more.matches || forced.matches ? (light.matches ? 'hc-light' : 'hc-dark') : light.matches ? 'light' : 'dark';
}

/** Whether the host sets VS Code's variables. */
function hasHostTheme(): boolean {
  const { style, dataset } = document.documentElement;
  return dataset.fallback === undefined && style.getPropertyValue('--vscode-editor-background') !== '';
}

function applyFallback(root: HTMLElement, kind: ThemeKind): void {
  if (root.dataset.fallback === kind) return;
  for (const tokens of Object.values(FALLBACK_TOKENS))
    for (const name of Object.keys(tokens)) root.style.removeProperty(`--vscode-${name}`);
  for (const [name, value] of Object.entries(FALLBACK_TOKENS[kind])) root.style.setProperty(`--vscode-${name}`, value);
  root.dataset.fallback = kind;
}
