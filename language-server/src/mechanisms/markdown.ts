/** Parts of pages. */
import type { OptionMeaning } from '../lsp/meanings/options.ts';

export const fence = (text: string): string => `\`\`\`dsys\n${text.trim()}\n\`\`\``;

export const list = (lines: readonly string[]): string => lines.map(line => `- ${line}`).join('\n');

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(one => one.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** Names in code, and what each is for. */
export const namedRows = (of: Readonly<Record<string, string>>): string[][] =>
  Object.entries(of).map(([name, text]) => [`\`${name}\``, text]);

export const optionRow = ([name, { means, example }]: readonly [string, OptionMeaning]): string[] => [
  `\`${name}\``,
  means,
  `\`${`${name} ${example}`.trim()}\``,
];
