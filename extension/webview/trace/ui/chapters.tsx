/** Where in its story the selection is, in words, and the way from chapter to chapter. */

import type { JSX } from 'preact';
import { chapterAt } from '../model/chapters.ts';
import { say, setRange } from './commands.ts';
import { IconButton } from './icons.tsx';
import { stepBy } from './playback.ts';
import type { Viewer } from './viewer.ts';

export function Chapters({ viewer }: { readonly viewer: Viewer }): JSX.Element | null {
  if (viewer.chapters.value.length === 0) return null;
  const [place, text] = inWords(viewer);
  return (
    <section class="chapters" aria-label="Story">
      <IconButton icon="left" title="Previous chapter (H)" run={() => goToChapter(viewer, -1)} />
      <IconButton icon="right" title="Next chapter (J)" run={() => goToChapter(viewer, 1)} />
      <p>
        <b>{place}</b> {text}
      </p>
    </section>
  );
}

/** The place of the selection in the story, and the chapter that it is at, or was before. */
function inWords({ chapters, event }: Viewer): [place: string, text: string] {
  const all = chapters.value;
  const index = chapterAt(all, event.value);
  if (index < 0) return [`A story in ${all.length} chapters`, ''];
  const { event: of, text } = all[index];
  return [`${of === event.value ? 'Chapter' : 'After chapter'} ${index + 1} of ${all.length}:`, text];
}

/** To the next or previous one from the selection, which comes to the middle. */
export function goToChapter(viewer: Viewer, by: 1 | -1): void {
  if (!stepBy(viewer, 'chapter', by)) return;
  const { from, to } = viewer.range.value;
  const middle = viewer.axis.value.at[viewer.event.value];
  setRange(viewer, { from: middle - (to - from) / 2, to: middle + (to - from) / 2 });
  say(viewer, inWords(viewer).join(' '));
}
