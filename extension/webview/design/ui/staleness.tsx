/** How soon a write is seen: the curve that the simulation gave, and the points of it that people ask for. */
import type { JSX } from 'preact';
import { duration, percent } from '../model/words.ts';
import type { StoreCard } from '../protocol.ts';

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [260, 96, 44, 22];

export function Staleness({ staleness }: { readonly staleness: NonNullable<StoreCard['staleness']> }): JSX.Element {
  const { curve, marks, trials, assumes } = staleness;
  const words = marks.map(([ns, p]) => `${percent(p)} after ${duration(ns)}`).join(', ');
  const last = marks.at(-1)![0] || 1;
  const least = Math.floor(Math.min(...marks.map(([, p]) => p)) * 10) / 10;
  const x = (ns: number): number => LEFT + (ns / last) * (WIDTH - LEFT - 12);
  const y = (p: number): number => 8 + ((1 - p) / (1 - least || 1)) * (HEIGHT - BOTTOM - 8);
  const line = curve.map(([ns, p], i) => `${i === 0 ? 'M' : 'L'}${x(ns)} ${y(p)}`).join('');
  return (
    <figure class="staleness">
      <svg
        width={WIDTH}
        height={HEIGHT}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Reads that see a write: ${words}`}
      >
        <path class="axis" d={`M${LEFT} 4V${HEIGHT - BOTTOM}H${WIDTH - 4}`} />
        <text class="small at-end" x={LEFT - 4} y={y(1) + 4}>
          100%
        </text>
        <text class="small at-end" x={LEFT - 4} y={y(least) + 4}>
          {percent(least)}
        </text>
        <text class="small" x={LEFT} y={HEIGHT - 6}>
          acknowledged
        </text>
        <text class="small at-end" x={WIDTH - 4} y={HEIGHT - 6}>
          {duration(last)}
        </text>
        <path class="curve" d={line} />
        {marks.map(([ns, p]) => (
          <circle key={ns} class="point" cx={x(ns)} cy={y(p)} r="3.5" />
        ))}
      </svg>
      <figcaption class="muted">
        Reads that see a write: {words}. {trials.toLocaleString('en')} trials; {assumes}
      </figcaption>
    </figure>
  );
}
