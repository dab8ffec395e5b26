/** The box that asks where to go. */

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { eventAsked } from '../model/goto.ts';
import { select } from './commands.ts';
import type { Viewer } from './viewer.ts';

export function GoTo({ viewer }: { readonly viewer: Viewer }): JSX.Element | null {
  const problem = useSignal('');
  if (!viewer.asksWhere.value) return null;
  const close = (): void => {
    viewer.asksWhere.value = false;
    problem.value = '';
    document.getElementById('diagram')?.focus();
  };
  return (
    <form
      class="goto"
      role="search"
      aria-label="Go to"
      onSubmit={submitted => {
        submitted.preventDefault();
        const field = submitted.currentTarget.elements.namedItem('where') as HTMLInputElement;
        const found = eventAsked(viewer.opened.value!, field.value);
        if (typeof found === 'string') {
          problem.value = found;
          return;
        }
        close();
        select(viewer, { kind: 'event', id: found });
      }}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'Escape') close();
      }}
    >
      <label>
        Go to{' '}
        <input
          name="where"
          type="text"
          placeholder="#31, 12ms or @line"
          autocomplete="off"
          spellcheck={false}
          maxLength={200}
          aria-describedby="goto-problem"
          ref={field => field?.focus()}
        />
      </label>
      <button type="submit">Go</button>
      <button type="button" onClick={close}>
        Close
      </button>
      <output id="goto-problem" class="problem">
        {problem.value}
      </output>
    </form>
  );
}
