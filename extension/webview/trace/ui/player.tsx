/** The buttons that let a run go by. */

import type { JSX } from 'preact';
import { STEPS, type Step } from '../model/steps.ts';
import { IconButton } from './icons.tsx';
import { PACES, stepBy, togglePlay } from './playback.ts';
import type { Viewer } from './viewer.ts';

export function Player({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const { playing, pace, step } = viewer.playback;
  return (
    <fieldset class="group player">
      <legend>Play</legend>
      <IconButton icon="left" title="Step back" run={() => stepBy(viewer, step.value, -1)} />
      <IconButton
        icon={playing.value ? 'pause' : 'play'}
        title={playing.value ? 'Stop (Space)' : 'Play (Space)'}
        run={() => togglePlay(viewer)}
      />
      <IconButton icon="right" title="Step on" run={() => stepBy(viewer, step.value, 1)} />
      <select
        aria-label="What a step is"
        title="What a step is"
        value={step.value}
        onChange={event => (step.value = event.currentTarget.value as Step)}
      >
        {STEPS.map(one => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
      <select
        aria-label="Pace"
        title="Pace"
        value={pace.value}
        onChange={event => (pace.value = Number(event.currentTarget.value))}
      >
        {PACES.map(({ name }, index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
    </fieldset>
  );
}
