/** What VS Code writes on the body of a webview for each kind of theme. */
import type { ThemeKind } from '../webview/common/tokens.ts';

export const BODY: Readonly<Record<ThemeKind, string>> = {
  dark: 'class="vscode-dark" data-vscode-theme-kind="vscode-dark"',
  light: 'class="vscode-light" data-vscode-theme-kind="vscode-light"',
  'hc-dark': 'class="vscode-high-contrast" data-vscode-theme-kind="vscode-high-contrast"',
  'hc-light':
    'class="vscode-high-contrast vscode-high-contrast-light" data-vscode-theme-kind="vscode-high-contrast-light"',
};
