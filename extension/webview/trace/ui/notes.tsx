/** Moments that were kept, where one has been, and what the trace itself says; all of it to paste elsewhere. */

import { type Signal, signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { MAX_NOTE, MAX_NOTES, type Note, notesAsMarkdown, withNote } from '../model/notes.ts';
import { eventOfRef } from '../model/selection.ts';
import { say } from './commands.ts';
import { EventLink } from './event-link.tsx';
import type { Viewer } from './viewer.ts';

export interface Notebook {
  readonly notes: Signal<readonly Note[]>;
}

export const createNotebook = (): Notebook => ({ notes: signal<readonly Note[]>([]) });

/** Keeps the selected event, or lets go of it. */
export function toggleBookmark(viewer: Viewer): void {
  const { notes } = viewer.notebook;
  const event = viewer.event.value;
  if (event < 0) return say(viewer, 'Select an event first');
  if (notes.value.some(note => note.event === event)) {
    notes.value = notes.value.filter(note => note.event !== event);
    return say(viewer, 'Let go');
  }
  if (notes.value.length >= MAX_NOTES) return say(viewer, `No more than ${MAX_NOTES} moments are kept`);
  notes.value = withNote(notes.value, event, '');
  say(viewer, 'Kept');
}

/** Keeps the selected event and goes where its words are written. */
export function writeNote(viewer: Viewer): void {
  const event = viewer.event.value;
  if (event < 0) return say(viewer, 'Select an event first');
  const { notes } = viewer.notebook;
  if (!notes.value.some(note => note.event === event)) toggleBookmark(viewer);
  viewer.panel.value = 'notes';
  requestAnimationFrame(() => document.getElementById(`note-${event}`)?.focus());
}

type Props = { readonly viewer: Viewer };

export function Notes({ viewer }: Props): JSX.Element {
  const { notes } = viewer.notebook;
  const { trace } = viewer.opened.value!;
  const copied = useSignal('');
  const visited = [...new Set(viewer.history.value.map(ref => eventOfRef(trace, ref)))]
    .filter(event => event >= 0 && !notes.value.some(note => note.event === event))
    .slice(-12)
    .reverse();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(notesAsMarkdown(viewer.opened.value!, notes.value));
      copied.value = 'Copied.';
    } catch {
      copied.value = 'The clipboard cannot be used here: select the text below and copy it.';
    }
  };
  return (
    <section class="details notes" aria-label="Notes" tabIndex={0}>
      <h2>Notes</h2>
      {notes.value.length === 0 && (
        <p class="hint">Keep a moment with M, write to it with T. Kept moments stop the playback.</p>
      )}
      <ul class="list">
        {notes.value.map(note => (
          <li key={note.event}>
            <EventLink viewer={viewer} event={note.event} />
            <input
              id={`note-${note.event}`}
              type="text"
              aria-label={`Note on event ${note.event}`}
              placeholder="what is to be seen here"
              maxLength={MAX_NOTE}
              value={note.text}
              onInput={event => (notes.value = withNote(notes.value, note.event, event.currentTarget.value))}
            />
            <button
              type="button"
              title={`Let go of event ${note.event}`}
              aria-label={`Let go of event ${note.event}`}
              onClick={() => (notes.value = notes.value.filter(one => one.event !== note.event))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {notes.value.length > 0 && (
        <>
          <p>
            <button type="button" onClick={() => void copy()}>
              Copy as Markdown
            </button>{' '}
            <output>{copied.value}</output>
          </p>
          {copied.value.startsWith('The clipboard') && (
            <textarea readOnly rows={8} aria-label="Notes as Markdown">
              {notesAsMarkdown(viewer.opened.value!, notes.value)}
            </textarea>
          )}
        </>
      )}
      {trace.notes.length > 0 && (
        <>
          <h3>In the trace</h3>
          <ul class="list">
            {trace.notes.slice(0, 100).map((note, index) => (
              <li key={index}>
                <EventLink viewer={viewer} event={note.event ?? note.range?.[0] ?? -1} />
                {note.text.slice(0, 500)} <small>{note.author.slice(0, 60)}</small>
              </li>
            ))}
          </ul>
        </>
      )}
      {visited.length > 0 && (
        <>
          <h3>Where you have been</h3>
          <ul class="list">
            {visited.map(event => (
              <li key={event}>
                <EventLink viewer={viewer} event={event} />
                <button
                  type="button"
                  title={`Keep event ${event}`}
                  aria-label={`Keep event ${event}`}
                  onClick={() => (notes.value = withNote(notes.value, event, ''))}
                >
                  keep
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
