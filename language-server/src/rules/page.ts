/** The page of a rule, made from the rule itself: `docs/rules/ID.md` and `dsys explain ID` show the same. */
import type { Severity } from '../diagnostic.ts';
import { analyse } from '../elaborate/analyse.ts';
import { allRules, families } from './all.ts';
import { type OtherId, otherIds } from './other-ids.ts';
import { review } from './review.ts';
import type { Rule } from './rule.ts';

export interface Page {
  readonly rule: Rule;
  /** Title of its family. */
  readonly family: string;
  /** What it says of the wrong design, and how it offers to mend that. */
  readonly says: readonly Said[];
}

interface Said {
  readonly severity: Severity;
  readonly message: string;
  readonly fixes: readonly string[];
}

/** Any id that a diagnostic can have. Undefined: there is no such id. */
export async function explanationOf(id: string): Promise<Page | OtherId | undefined> {
  const rule = allRules.find(one => one.id === id);
  return rule === undefined ? otherIds.find(one => one.id === id) : pageOf(rule);
}

/** Every id that `explanationOf` knows. */
export const explainedIds = (): readonly string[] => [...allRules, ...otherIds].map(({ id }) => id);

export async function pageOf(rule: Rule): Promise<Page> {
  const uri = 'file:///example.dsys';
  const analysis = await analyse(
    uri,
    asked => (asked === uri ? rule.wrong : undefined),
    () => 'example.dsys',
  );
  const found = review(analysis!, {}, [rule]).diagnostics.filter(one => one.rule === rule.id);
  return {
    rule,
    family: families.find(({ rules }) => rules.includes(rule))?.title ?? '',
    says: found.map(({ severity, message, fixes = [] }) => ({ severity, message, fixes: fixes.map(fix => fix.title) })),
  };
}

/** How to keep a rule from speaking: of one line, and of a file. */
export const silencing = (id: string): readonly string[] => [`// dsys-ignore ${id}: why`, `rules { ${id} off }`];

const block = (text: string): string => `\`\`\`dsys\n${text.trim()}\n\`\`\``;

/** Punctuation that Markdown would read as markup in text that is none. */
const escaped = (text: string): string => text.replace(/[*_<[\]]/g, one => `\\${one}`);

export function markdownOf({ rule, family, says }: Page): string {
  const [line, file] = silencing(rule.id);
  const fixes = [...new Set(says.flatMap(one => one.fixes))];
  const parts = [
    `# ${rule.id}`,
    `**${rule.title}.** Usually ${articleOf(rule.severity)}. Family: [${family}](README.md#${anchorOf(family)}).`,
    `It speaks when: ${rule.condition}`,
    rule.why,
    '## Wrong',
    block(rule.wrong),
    ...says.map(one => `> ${one.severity}: ${escaped(one.message)}`),
    ...(fixes.length === 0 ? [] : [`Offered in the editor:\n\n${fixes.map(one => `- ${escaped(one)}`).join('\n')}`]),
    '## Right',
    block(rule.right),
    '## Source',
    rule.source,
    '## Silence',
    `Where it is right and the design is meant so: \`${line}\` on the line above, or \`${file}\` at the head of the file.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** `an error`, `a warning`, `information`. */
export const articleOf = (severity: Severity): string =>
  severity === 'error' ? 'an error' : severity === 'warning' ? 'a warning' : 'information';

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-');

/** The index of all pages by family, with the ids that are no rules below. */
export function indexPage(): string {
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cellOf).join(' | ')} |`).join('\n');
  const parts = [
    '# Rules',
    `${allRules.length} rules look at every design, in the editor and in \`dsys check\`. \`dsys explain RULE\` shows a page in the terminal. These pages are made from the rules themselves by \`npm run docs\`.`,
    ...families.flatMap(({ title, rules }) => [
      `## ${title}`,
      table(
        ['rule', 'usually', 'says'],
        rules.map(rule => [`[${rule.id}](${rule.id}.md)`, rule.severity, rule.title]),
      ),
    ]),
    '## Before any rule',
    'Ids of diagnostics about text that cannot be read or built:',
    table(
      ['id', 'says', 'means'],
      otherIds.map(({ id, title, means }) => [`\`${id}\``, title, means]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

const cellOf = (text: string): string => text.replaceAll('|', '\\|');

/** All pages by the name of their file in `docs/rules/`. */
export async function rulePages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map([['README.md', indexPage()]]);
  for (const rule of allRules) pages.set(`${rule.id}.md`, markdownOf(await pageOf(rule)));
  return pages;
}
