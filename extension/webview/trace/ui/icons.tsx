/** The few icons of the chrome, drawn for this viewer. */

import type { JSX } from 'preact';

const PATHS = {
  check: 'M3 8.5 6.5 12 13 4.5',
  alarm: 'M5.2 1.5h5.6l3.7 3.7v5.6l-3.7 3.7H5.2l-3.7-3.7V5.2zM8 4.5v4.2M8 11.2v.3',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12.2v.3',
  'zoom-in': 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3 14 14M7 5v4M5 7h4',
  'zoom-out': 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3 14 14M5 7h4',
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
  play: 'M5 3v10l8-5z',
  pause: 'M5 3v10M11 3v10',
  left: 'M10 3 5 8l5 5',
  right: 'M6 3l5 5-5 5',
  again: 'M13 8a5 5 0 1 1-1.5-3.5M12 1.5v3.5H8.5',
  save: 'M8 2v8M5 7l3 3 3-3M2.5 13.5h11',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** A button that shows nothing but an icon; `title` is its name. */
export function IconButton({ icon, title, run }: { icon: IconName; title: string; run: () => void }): JSX.Element {
  return (
    <button type="button" class="icon-button" title={title} aria-label={title} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}
