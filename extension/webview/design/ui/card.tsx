/** Cards of nodes, and of as many nodes as are not drawn one by one. */
import type { JSX } from 'preact';
import type { Box } from '../layout/shapes.ts';
import type { Card, NodeCard, Pip, RestCard } from '../model/cards.ts';
import { Crown, QuorumMark, RoleGlyph } from './glyphs.tsx';
import { clipped, measure } from './measure.ts';

interface Props {
  readonly card: Card;
  readonly box: Box;
  /** Clusters are told apart only where there are several. */
  readonly withCluster: boolean;
}

export function CardContent({ card, box, withCluster }: Props): JSX.Element {
  return card.kind === 'node' ? (
    <NodeContent card={card} box={box} withCluster={withCluster} />
  ) : (
    <RestContent card={card} box={box} />
  );
}

function NodeContent({ card, box, withCluster }: Omit<Props, 'card'> & { readonly card: NodeCard }): JSX.Element {
  const { width, height } = box;
  const { node, quorums, text, pips } = card;
  const leads = card.standing === 'leads' && pips.length === 0;
  const room = width - 34 - (leads ? 20 : 8);
  const name = clipped(node.name, 13, room);
  const left = room - measure(name, 13) - 6;
  const tags = quorums.length * 19;
  return (
    <>
      <rect class="frame" width={width} height={height} rx="6" />
      <g transform="translate(16 16)">
        <RoleGlyph role={node.role} />
      </g>
      <text class="name" x="29" y="20.5">
        {name}
      </text>
      {withCluster && left > 24 && (
        <text class="small" x={29 + measure(name, 13) + 6} y="20.5">
          {clipped(node.cluster, 11, left)}
        </text>
      )}
      {leads && (
        <g transform={`translate(${width - 16} 16)`}>
          <Crown />
        </g>
      )}
      {text !== null && (
        <text class="small standing" x="10" y="40">
          {clipped(text, 11, width - 18 - tags)}
        </text>
      )}
      {pips.length > 0 && <Pips pips={pips} room={width - 16} />}
      {quorums.map(({ letter, place }, i) => (
        <g key={letter} class="quorum" transform={`translate(${width - 15 - (quorums.length - 1 - i) * 19} 36)`}>
          <QuorumMark letter={letter} place={place} />
        </g>
      ))}
    </>
  );
}

/** Names of partitions while they fit, those that it leads filled and first; then how many there are. */
function Pips({ pips, room }: { readonly pips: readonly Pip[]; readonly room: number }): JSX.Element {
  const sorted = [...pips].sort((a, b) => Number(b.leads) - Number(a.leads));
  const widthOf = ({ name }: Pip): number => Math.min(room, measure(name, 10) + 8);
  const total = sorted.reduce((sum, pip) => sum + widthOf(pip) + 3, 0);
  if (total > room + 3) {
    const led = pips.filter(pip => pip.leads).length;
    const text = `${pips.length} partitions${led > 0 && led < pips.length ? `, leads ${led}` : led > 0 ? ', leads all' : ''}`;
    return (
      <text class="small standing" x="10" y="40">
        {clipped(text, 11, room)}
      </text>
    );
  }
  let x = 8;
  return (
    <>
      {sorted.map(pip => {
        const width = widthOf(pip);
        const at = x;
        x += width + 3;
        return (
          <g key={pip.name} class={pip.leads ? 'pip leads' : 'pip'} transform={`translate(${at} 28)`}>
            <rect width={width} height="15" rx="3" />
            <text x={width / 2} y="11.2">
              {clipped(pip.name, 10, width - 6)}
            </text>
          </g>
        );
      })}
    </>
  );
}

function RestContent({ card, box }: { readonly card: RestCard; readonly box: Box }): JSX.Element {
  const { width, height } = box;
  return (
    <>
      <rect class="frame stacked" x="6" y="-4" width={width - 10} height={height} rx="6" />
      <rect class="frame stacked" x="3" y="-2" width={width - 5} height={height} rx="6" />
      <rect class="frame" width={width} height={height} rx="6" />
      <text class="name" x="10" y="20.5">
        + {card.count} nodes
      </text>
      <text class="small" x="10" y="40">
        {clipped(card.text, 11, width - 20)}
      </text>
    </>
  );
}
