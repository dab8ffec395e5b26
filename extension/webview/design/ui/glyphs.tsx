/** The marks of the picture, as paths: shape and colour say the same. All are centred at 0, 0. */
import type { NodeRole } from '@dsys/runtime/design/topology';
import type { JSX } from 'preact';
import type { Severity } from '../protocol.ts';

/** What each role looks like and what it means, for the legend. */
export const ROLES: Readonly<Record<NodeRole, string>> = {
  member: 'member: data and vote',
  witness: 'witness: vote, no data',
  observer: 'observer: data, no vote',
  spare: 'spare: empty until added',
};

export function RoleGlyph({ role }: { readonly role: NodeRole }): JSX.Element {
  switch (role) {
    case 'member':
      return (
        <g class="role member">
          <path d="M-6-3.5v7c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5v-7" />
          <ellipse cy="-3.5" rx="6" ry="2.5" />
        </g>
      );
    case 'witness':
      return <path class="role witness" d="M0-7 7 0 0 7-7 0zM-2.8 0l2 2.2L3-2" />;
    case 'observer':
      return (
        <g class="role observer">
          <path d="M-7.5 0C-4-5.5 4-5.5 7.5 0 4 5.5-4 5.5-7.5 0z" />
          <circle r="2" />
        </g>
      );
    case 'spare':
      return <rect class="role spare" x="-6" y="-6" width="12" height="12" rx="2" />;
  }
}

/** On the node to which writes go first. */
export const Crown = (): JSX.Element => <path class="crown" d="M-7 5v-9l3.6 3.4L0-6l3.4 5.4L7-4v9z" />;

/** Quorums are told apart by letter, and neighbours in a row of them by shape. */
export const QuorumMark = ({ letter, place }: { readonly letter: string; readonly place: number }): JSX.Element => (
  <>
    {place % 2 === 0 ? <circle r="8.5" /> : <rect x="-8.5" y="-8.5" width="17" height="17" rx="3" />}
    <text class="letter" y="3.8">
      {letter}
    </text>
  </>
);

export const ClientGlyph = (): JSX.Element => (
  <g class="client-glyph">
    <circle cy="-3.6" r="3" />
    <path d="M-5.6 6.2c0-7 11.2-7 11.2 0z" />
  </g>
);

/** An octagon, a triangle or a disc, each with its sign. */
export function SeverityGlyph({ severity }: { readonly severity: Severity }): JSX.Element {
  switch (severity) {
    case 'error':
      return (
        <g class="severity error">
          <path d="M-3.3-8h6.6L8-3.3v6.6L3.3 8h-6.6L-8 3.3v-6.6z" />
          <path class="sign-mark" d="M-3-3 3 3M-3 3 3-3" />
        </g>
      );
    case 'warning':
      return (
        <g class="severity warning">
          <path d="M0-8.5 9 7.5H-9z" />
          <path class="sign-mark" d="M0-3v5M0 4.6v.6" />
        </g>
      );
    case 'information':
      return (
        <g class="severity information">
          <circle r="8" />
          <path class="sign-mark" d="M0-4.2v-.6M0-1.5v6" />
        </g>
      );
  }
}

/** A glyph in a line of text. */
export const Inline = ({ children }: { readonly children: JSX.Element }): JSX.Element => (
  <svg class="inline-glyph" viewBox="-10 -10 20 20" width="18" height="18" aria-hidden="true" focusable="false">
    {children}
  </svg>
);
