/** The whole page. */
import type { JSX } from 'preact';
import { Guard, Notice } from '../../common/page.tsx';
import { writtenWorkloads } from '../model/parts.ts';
import { counted } from '../model/words.ts';
import type { ShowParams } from '../protocol.ts';
import { Facts } from './facts.tsx';
import { FileBadge, Findings } from './findings.tsx';
import { Legend } from './legend.tsx';
import { Network, Unplaced } from './network.tsx';
import { Picture } from './picture.tsx';
import { StoreChips, StorePanel } from './store.tsx';
import { fit, type View, zoomBy } from './view.ts';

export function App({ view }: { readonly view: View }): JSX.Element {
  const shown = view.shown.value;
  if (shown === null) return <Notice title="Design" text={view.message.value} />;
  return (
    <Guard what="The design view">
      <main class="design">
        <header>
          <h1>{shown.name}</h1>
          <p class="muted">{summaryOf(shown)}</p>
          <FileBadge view={view} />
        </header>
        {shown.isBroken && (
          <p class="broken" role="status">
            The file has errors: this is what can be read of it, <b>not what was meant</b>.
          </p>
        )}
        <div class="columns">
          <div class="main">
            <div class="toolbar">
              <StoreChips view={view} />
              <Zoom view={view} />
            </div>
            <StorePanel view={view} />
            <Picture view={view} />
            <Unplaced view={view} />
            <Legend view={view} />
          </div>
          <div class="side">
            <Findings view={view} />
            <Facts view={view} />
            <Network view={view} />
          </div>
        </div>
      </main>
    </Guard>
  );
}

function summaryOf({ design }: ShowParams): string {
  const { regions, clusters, nodes, stores } = design;
  const workloads = writtenWorkloads(design);
  const zones = regions.reduce((sum, region) => sum + region.zones.length, 0);
  return [
    ...(regions.length > 0 ? [counted(regions.length, 'region')] : []),
    ...(zones > 0 ? [counted(zones, 'zone')] : []),
    counted(clusters.length, 'cluster'),
    counted(nodes.length, 'node'),
    counted(stores.length, 'store'),
    ...(workloads.length > 0 ? [counted(workloads.length, 'workload')] : []),
  ].join(' · ');
}

function Zoom({ view }: { readonly view: View }): JSX.Element {
  return (
    <div class="zoom" role="group" aria-label="Zoom">
      <button type="button" aria-label="Zoom out" onClick={() => zoomBy(view, 0.8)}>
        −
      </button>
      <button type="button" title="Fit the picture" onClick={() => fit(view)}>
        Fit <small>{Math.round(view.zoom.value * 100)} %</small>
      </button>
      <button type="button" aria-label="Zoom in" onClick={() => zoomBy(view, 1.25)}>
        +
      </button>
    </div>
  );
}
