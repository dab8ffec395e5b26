/**
 * Links between sites, along right angles. Between two rows of sites lies a channel of lanes; each link has a lane for
 * itself as far as it runs there, and its label stands on that lane. So labels lie neither on each other nor on sites.
 */
import { type Edge, type LayoutInput, type LinkInput, type Point, sizes } from './shapes.ts';

export interface Frame {
  readonly row: (site: number) => number;
  /** Whether nothing stands to the right of a site in its row. */
  readonly isLast: (site: number) => boolean;
  readonly rows: number;
  readonly left: (site: number) => number;
  readonly width: (site: number) => number;
  /** Where the gutter begins. */
  readonly right: number;
  readonly rowHeight: readonly number[];
  readonly siteHeight: (site: number) => number;
  /** Links that run straight from one site to the one beside it. */
  readonly direct: ReadonlySet<LinkInput>;
  readonly measure: LayoutInput['measure'];
}

interface Run {
  readonly link: LinkInput;
  /** Below which row it runs. */
  readonly channel: number;
  readonly fromX: number;
  readonly toX: number;
  readonly from: number;
  readonly to: number;
  labelLeft: number;
  readonly width: number;
  lane: number;
}

const stub = 10;

export function route(
  links: readonly LinkInput[],
  frame: Frame,
): { readonly tops: readonly number[]; readonly edges: readonly Edge[]; readonly height: number } {
  const { row, rows, rowHeight } = frame;
  const textHeight = Math.max(...links.map(({ label }) => label.length), 1) * sizes.labelLine + 4;
  const laneHeight = textHeight + 6;
  const runs = links.filter(link => !frame.direct.has(link)).map(runOf(links, frame));
  const lanes = Array.from({ length: rows }, (_, channel) => {
    const own = runs.filter(run => run.channel === channel);
    const count = fillLanes(own);
    for (const run of own) dodge(run, own, frame);
    return count;
  });
  const tops: number[] = [];
  let y: number = sizes.margin;
  for (let r = 0; r < rows; r++) {
    tops.push(y);
    y += rowHeight[r]!;
    if (lanes[r]! > 0) y += 2 * stub + lanes[r]! * laneHeight;
    else if (r < rows - 1) y += sizes.rowGap;
  }
  const height = y + sizes.margin;
  const bottom = (site: number): number => tops[row(site)]! + frame.siteHeight(site);
  const laneY = ({ channel, lane }: Run): number =>
    tops[channel]! + rowHeight[channel]! + stub + lane * laneHeight + laneHeight / 2;
  const edge = (link: LinkInput, points: Point[], x: number, centre: number, width: number): Edge => ({
    key: link.key,
    points: points.map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) })),
    label: { x, y: centre - textHeight / 2, width, height: textHeight },
    lines: link.label,
  });

  const straight = [...frame.direct].map(link => {
    const [a, b] = [frame.left(link.from) + frame.width(link.from), frame.left(link.to)];
    const y = tops[row(link.from)]! + Math.min(frame.siteHeight(link.from), frame.siteHeight(link.to)) / 2;
    const width = widthOf(link, frame.measure);
    return edge(
      link,
      [
        { x: a, y },
        { x: b, y },
      ],
      (a + b - width) / 2,
      y,
      width,
    );
  });
  let gutterLane = 0;
  const bent = runs.map(run => {
    const { link, fromX, toX, from, to } = run;
    const y = laneY(run);
    const down = row(to) - row(from);
    const into: Point = { x: toX, y: down === 0 ? bottom(to) : tops[row(to)]! };
    const points: Point[] = [];
    if (down <= 1) points.push({ x: fromX, y: bottom(from) }, { x: fromX, y });
    else {
      const gutter = frame.right + 6 + gutterLane++ * sizes.gutterLane;
      const side = frame.left(from) + frame.width(from);
      const leaveY = tops[row(from)]! + sizes.siteTitle / 2 + gutterLane * 6;
      if (frame.isLast(from)) points.push({ x: side, y: leaveY }, { x: gutter, y: leaveY }, { x: gutter, y });
      else {
        // Something stands beside it: below the row, just above the lanes, one reaches the gutter.
        const below = tops[row(from)]! + rowHeight[row(from)]! + 2 + (gutterLane % 4) * 2;
        points.push({ x: fromX, y: bottom(from) }, { x: fromX, y: below }, { x: gutter, y: below }, { x: gutter, y });
      }
    }
    points.push({ x: toX, y }, into);
    return edge(link, points, run.labelLeft, y, run.width);
  });
  const byKey = new Map([...straight, ...bent].map(one => [one.key, one]));
  return { tops, edges: links.flatMap(link => byKey.get(link.key) ?? []), height };
}

const widthOf = (link: LinkInput, measure: LayoutInput['measure']): number =>
  Math.max(...link.label.map(line => measure(line, sizes.small)), 0) + 12;

/** Where a link leaves and arrives, and where its label stands along its lane. */
function runOf(links: readonly LinkInput[], frame: Frame): (link: LinkInput) => Run {
  const { row, left, width } = frame;
  const bends = links.filter(link => !frame.direct.has(link));
  const centre = (site: number): number => left(site) + width(site) / 2;
  /** Ends on one side of a site, spread over it in the order of where they lead. */
  const port = (site: number, side: 'top' | 'bottom', link: LinkInput): number => {
    const ends = bends
      .flatMap(one => {
        if (one.to === site && (row(one.from) < row(site) ? 'top' : 'bottom') === side)
          return [{ one, other: one.from }];
        const leaves = one.from === site && !(row(one.to) - row(site) > 1 && frame.isLast(site));
        return leaves && side === 'bottom' ? [{ one, other: one.to }] : [];
      })
      .sort((a, b) => centre(a.other) - centre(b.other));
    const place = ends.findIndex(({ one }) => one === link);
    return left(site) + (width(site) * (place + 1)) / (ends.length + 1);
  };
  return link => {
    const { from, to } = link;
    const down = row(to) - row(from);
    const channel = down === 0 ? row(from) : row(to) - 1;
    let toX = port(to, down === 0 ? 'bottom' : 'top', link);
    let fromX = down > 1 && frame.isLast(from) ? frame.right : port(from, 'bottom', link);
    if (down === 1) {
      // One straight line where the sites lie below each other; each end may move a little for that.
      const [low, high] = [
        Math.max(left(from), left(to)) + 10,
        Math.min(left(from) + width(from), left(to) + width(to)) - 10,
      ];
      const alone = bends.filter(one => one.from === from || one.to === to).length;
      if (low <= high && (Math.abs(fromX - toX) < 24 || alone <= 3)) {
        const x = Math.min(high, Math.max(low, (fromX + toX) / 2));
        fromX = x;
        toX = x;
      }
    }
    const text = widthOf(link, frame.measure);
    const ends = down > 1 ? [toX, frame.right] : [Math.min(fromX, toX), Math.max(fromX, toX)];
    const middle = (ends[0]! + ends[1]!) / 2;
    const labelLeft = Math.max(sizes.margin, Math.min(frame.right - text, middle - text / 2));
    return { link, channel, fromX, toX, from, to, labelLeft, width: text, lane: 0 };
  };
}

/** The first lane that is free as far as a link runs, the shortest links first. @returns how many lanes there are */
function fillLanes(runs: readonly Run[]): number {
  const taken: [number, number][][] = [];
  const spanOf = (run: Run): [number, number] => {
    const xs = [run.fromX, run.toX, run.labelLeft, run.labelLeft + run.width];
    return [Math.min(...xs) - 8, Math.max(...xs) + 8];
  };
  for (const run of [...runs].sort((a, b) => spanOf(a)[1] - spanOf(a)[0] - (spanOf(b)[1] - spanOf(b)[0]))) {
    const [low, high] = spanOf(run);
    let lane = taken.findIndex(lane => lane.every(([a, b]) => high <= a || b <= low));
    if (lane < 0) lane = taken.push([]) - 1;
    taken[lane]!.push([low, high]);
    run.lane = lane;
  }
  return taken.length;
}

/** Moves a label along its lane to where no other link crosses it. */
function dodge(run: Run, all: readonly Run[], { row, right }: Frame): void {
  const down = ({ from, to }: Run): number => row(to) - row(from);
  const crossing = all.flatMap(other => {
    if (other === run) return [];
    // Above its own lane a link is on its way from the upper site, below it on its way to the lower one.
    const above = down(other) === 0 ? [other.fromX, other.toX] : down(other) === 1 ? [other.fromX] : [];
    const below = down(other) === 0 ? [] : [other.toX];
    return other.lane > run.lane ? above : other.lane < run.lane ? below : [];
  });
  const ends = down(run) > 1 ? [run.toX, right] : [run.fromX, run.toX];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const isFree = (left: number): boolean =>
    left >= sizes.margin && left + run.width <= right && crossing.every(x => x < left - 4 || x > left + run.width + 4);
  // The label touches its line as long as they overlap.
  const candidates = [run.labelLeft, ...crossing.flatMap(x => [x + 5, x - run.width - 5])].filter(
    left => left <= high && left + run.width >= low,
  );
  const near = (left: number): number => Math.abs(left - run.labelLeft);
  const [found] = candidates.filter(isFree).sort((a, b) => near(a) - near(b));
  if (found !== undefined) run.labelLeft = found;
}
