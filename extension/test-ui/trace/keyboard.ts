/** What a walk by the keyboard alone finds in the page. */

import type { Page } from 'playwright-core';

export interface Control {
  readonly index: number;
  /** Its beginning, as HTML. */
  readonly what: string;
  readonly inTabOrder: boolean;
  /** Role of what leads to it by arrows; '' for nothing. */
  readonly within: string;
}

/** Everything in the page that can be seen and used, numbered for `focusedControl`. */
export const controlsOf = (page: Page): Promise<Control[]> =>
  page.evaluate(() => {
    const selector = 'button, a[href], input, select, textarea, summary, [role=slider], [role=treeitem], [tabindex]';
    const isUsable = (one: HTMLElement): boolean =>
      one.checkVisibility({ visibilityProperty: true }) && !one.matches(':disabled');
    for (const one of document.querySelectorAll('[data-walk]')) one.removeAttribute('data-walk');
    return [...document.querySelectorAll<HTMLElement>(selector)].filter(isUsable).map((one, index) => {
      const what = one.outerHTML.slice(0, 160);
      one.dataset.walk = `${index}`;
      const within = one.closest('[role=tablist], [role=tree], [role=grid]')?.getAttribute('role') ?? '';
      return { index, what, inTabOrder: one.tabIndex >= 0, within };
    });
  });

/** As if the page had just been opened: Tab begins with its first control. */
export const focusTop = (page: Page): Promise<void> =>
  page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });

/** Number of the control that has the focus; -1 for none. */
export const focusedControl = (page: Page): Promise<number> =>
  page.evaluate(() => Number((document.activeElement as HTMLElement | null)?.dataset.walk ?? -1));

/** What people can notice of the page's state: the picture, what is said, chosen, focused, and asked of the host. */
export const fingerprintOf = (page: Page): Promise<readonly unknown[]> =>
  page.evaluate(() => {
    const { hostCalls } = window as unknown as { hostCalls: [string, unknown][] };
    const text = (selector: string) => document.querySelector(selector)?.textContent ?? null;
    return [
      document.querySelector<HTMLCanvasElement>('#diagram canvas')!.toDataURL(),
      text('[role=log]'),
      text('.side'),
      text('[role=dialog]'),
      document.querySelectorAll('.goto').length,
      document.querySelector('[aria-selected=true]')?.id,
      document.activeElement?.id,
      hostCalls.filter(([name]) => name !== 'state').length,
    ];
  });

const NAMES: Readonly<Record<string, string>> = {
  '←': 'ArrowLeft',
  '→': 'ArrowRight',
  '↑': 'ArrowUp',
  '↓': 'ArrowDown',
  Space: ' ',
  Esc: 'Escape',
  'Page Up': 'PageUp',
  'Page Down': 'PageDown',
  'Ctrl+Enter': 'Control+Enter',
};

/** Keys as they are pressed, of a line of the key sheet: `F12, Ctrl+Enter`. */
export const keyOf = (line: string): string[] =>
  line === ','
    ? [line]
    : line.split(', ').map(name => NAMES[name] ?? (/^[A-Z]$/.test(name) ? name.toLowerCase() : name));
