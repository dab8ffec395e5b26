/** What the marks mean; only those that are drawn. */
import type { JSX } from 'preact';
import { Crown, Inline, ROLES, RoleGlyph } from './glyphs.tsx';
import type { View } from './view.ts';

export function Legend({ view }: { readonly view: View }): JSX.Element | null {
  const picture = view.picture.value;
  if (picture === null) return null;
  const cards = [...picture.cards.values()];
  const roles = (Object.keys(ROLES) as (keyof typeof ROLES)[]).filter(role =>
    cards.some(card => card.kind === 'node' && card.node.role === role),
  );
  const leads = cards.some(card => card.kind === 'node' && card.standing === 'leads');
  const one = view.partition.value !== null;
  return (
    <ul class="legend" aria-label="Legend">
      {roles.map(role => (
        <li key={role}>
          <Inline>
            <RoleGlyph role={role} />
          </Inline>
          {ROLES[role]}
        </li>
      ))}
      {leads && one && (
        <li>
          <Inline>
            <Crown />
          </Inline>
          writes go there first
        </li>
      )}
      {leads && !one && (
        <li>
          <svg class="inline-glyph" viewBox="0 0 26 17" width="26" height="17" aria-hidden="true" focusable="false">
            <g class="pip leads" transform="translate(1 1)">
              <rect width="24" height="15" rx="3" />
            </g>
          </svg>
          partition whose writes go there first
        </li>
      )}
    </ul>
  );
}
