/** What is on its way at the selected event, as a list that leads to it. */

import { nodeName, senderOf, typeOf } from '@dsys/runtime/trace/access';
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { fateInWords } from '../model/details.ts';
import { duration, grouped } from '../model/times.ts';
import { MAX_UNDER_WAY, underWayAt } from '../model/under-way.ts';
import { select } from './commands.ts';
import type { Viewer } from './viewer.ts';

export function UnderWayPanel({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const { trace } = viewer.opened.value!;
  const event = viewer.event.value;
  const { messages, count } = useComputed(() =>
    viewer.event.value < 0 ? { messages: [], count: 0 } : underWayAt(viewer.opened.value!.trace, viewer.event.value),
  ).value;
  const { t } = trace.events;
  return (
    <section class="details" aria-label="Messages under way" tabIndex={0}>
      <h2>
        In flight <small>{event < 0 ? '' : `after event ${grouped(event)}`}</small>
      </h2>
      {event < 0 && <p class="hint">Select an event to see which messages were on their way at it.</p>}
      {event >= 0 && count === 0 && <p>No message was on its way.</p>}
      <ul class="list">
        {messages.map(message => (
          <li key={message}>
            <button type="button" class="link" onClick={() => select(viewer, { kind: 'message', id: message })}>
              {typeOf(trace, message).slice(0, 60)}, {nodeName(trace, senderOf(trace, message)).slice(0, 40)} to{' '}
              {nodeName(trace, trace.messages.to[message]).slice(0, 40)}
            </button>{' '}
            <small>
              for {duration(t[event] - t[trace.messages.send[message]])}; {fateInWords(trace, message)}
            </small>
          </li>
        ))}
      </ul>
      {count > MAX_UNDER_WAY && <p class="muted">and {grouped(count - MAX_UNDER_WAY)} more</p>}
    </section>
  );
}
