/** Pages of rules in the terminal: plain text, wrapped. */
import { articleOf, type Family, type OtherId, type Page, silencing } from '@dsys/language-server';
import type { Colors } from './output.ts';
import { wrap } from './wrap.ts';

interface Look {
  readonly colors: Colors;
  readonly width: number;
}

const indented = (text: string): string => `${text.trim().replace(/^/gm, '    ')}\n`;

export function renderPage({ rule, family, says }: Page, { colors, width }: Look): string {
  const paragraph = (text: string, indent = 0) => `${' '.repeat(indent)}${wrap(text, indent, width)}\n`;
  const fixes = [...new Set(says.flatMap(one => one.fixes))];
  const [line, file] = silencing(rule.id);
  const said = says.map(one => {
    const paint = one.severity === 'error' ? colors.red : one.severity === 'warning' ? colors.yellow : colors.cyan;
    return `\n${paint(paragraph(`${one.severity}: ${one.message}`, 4).trimEnd())}\n`;
  });
  return [
    `${colors.bold(rule.id)}  ${rule.title}\n`,
    colors.dim(paragraph(`Usually ${articleOf(rule.severity)}. ${family}.`)),
    `\n${paragraph(`It speaks when: ${rule.condition}`)}`,
    `\n${paragraph(rule.why)}`,
    `\n${colors.bold('Wrong')}\n\n${indented(rule.wrong)}`,
    ...said,
    ...(fixes.length === 0
      ? []
      : [`\n    Offered in the editor:\n`, ...fixes.map(one => `    - ${wrap(one, 6, width)}\n`)]),
    `\n${colors.bold('Right')}\n\n${indented(rule.right)}`,
    `\n${colors.bold('Source')}\n\n${paragraph(rule.source)}`,
    `\n${colors.bold('Silence')}\n\n${paragraph(`Where the design is meant so: ${line} on the line above, or ${file} at the head of the file.`)}`,
  ].join('');
}

export function renderOther({ id, title, means }: OtherId, { colors, width }: Look): string {
  return `${colors.bold(id)}  ${title}\n\n${wrap(means, 0, width)}\n`;
}

export function renderIndex(families: readonly Family[], others: readonly OtherId[], { colors, width }: Look): string {
  const groups = [...families, { title: 'Before any rule', rules: others }];
  const column = Math.max(...groups.flatMap(({ rules }) => rules.map(({ id }) => id.length))) + 4;
  const listed = groups.map(({ title, rules }) => {
    const lines = rules.map(one => `  ${one.id.padEnd(column - 2)}${wrap(one.title, column, width)}\n`);
    return `${colors.bold(title)}\n${lines.join('')}`;
  });
  return `${listed.join('\n')}\n${wrap('dsys explain RULE tells what one of them means.', 0, width)}\n`;
}
