/** The strip over the overview: since when the run was one that breaks, moment by moment. */

import type { JSX } from 'preact';
import { likelihoodInWords, MOMENTS, SEEDS, shareOf, shareText } from '../model/likelihood.ts';
import { duration } from '../model/times.ts';
import { select } from './commands.ts';
import { whyNoReplay } from './looks.ts';
import { closeStrip, startStrip, stopStrip } from './strip.ts';
import type { Viewer } from './viewer.ts';

type Props = { readonly viewer: Viewer };

/** Px of the bar of a probability of 1. */
const HEIGHT = 28;

export function Likelihood({ viewer }: Props): JSX.Element | null {
  const { strip } = viewer.looks;
  const shown = strip.value;
  const opened = viewer.opened.value!;
  if (shown === null) {
    if (viewer.violation.value === null || whyNoReplay(viewer) !== undefined) return null;
    return (
      <p class="strip-offer">
        <button
          type="button"
          title={`From ${MOMENTS} moments on, all randomness is drawn anew under ${SEEDS} seeds`}
          onClick={() => void startStrip(viewer)}
        >
          Since when was it bound to break?
        </button>
      </p>
    );
  }
  const { events, known, isUnderWay, why, name } = shown;
  return (
    <section class="strip" aria-label="Probability of the violation" aria-busy={isUnderWay}>
      <div class="strip-head">
        <p>
          How often <b>{name.slice(0, 100)}</b> is violated when all randomness is drawn anew from a moment on, {SEEDS}{' '}
          seeds each: {known.size} of {events.length} moments{isUnderWay ? ' so far' : ''}
          {why !== '' && <b class="problem"> No more: {why}</b>}
        </p>
        {isUnderWay && (
          <button type="button" onClick={() => stopStrip(viewer)}>
            Stop
          </button>
        )}
        <button type="button" onClick={() => closeStrip(viewer)}>
          Close
        </button>
      </div>
      <ol>
        {events.map(event => {
          const one = known.get(event);
          const share = one === undefined ? undefined : shareOf(one);
          const words = likelihoodInWords(opened, event, one);
          const isHere = viewer.event.value === event;
          return (
            <li key={event}>
              <button
                type="button"
                aria-pressed={isHere}
                title={words}
                onClick={() => select(viewer, { kind: 'event', id: event })}
              >
                <span class="bar" aria-hidden="true" style={{ height: `${HEIGHT}px` }}>
                  {one !== undefined && share !== undefined && (
                    <>
                      <span class="share" style={{ height: `${share * HEIGHT}px` }} />
                      <span
                        class="interval"
                        style={{
                          bottom: `${one.interval[0] * HEIGHT}px`,
                          height: `${Math.max(1, (one.interval[1] - one.interval[0]) * HEIGHT)}px`,
                        }}
                      />
                    </>
                  )}
                </span>
                <b>{one === undefined ? '…' : shareText(one)}</b>
                {one !== undefined && one.unknown > 0 && <span>{one.unknown} unknown</span>}
                <span class="muted">{duration(opened.trace.events.t[event] - opened.origin)}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
