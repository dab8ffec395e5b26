/** Answers what the viewer asks of a host that can execute the run again, by executing it. */

import { createReplay } from '@dsys/runtime/run/replay';
import type { Rebuilt } from '@dsys/runtime/trace/state';
import type { OriginAtParams, StateAtParams } from '../../webview/trace/protocol.ts';
import { designOf, type RunName } from '../../webview/trace/testing/traces.ts';
import type { ShownTrace } from './page.ts';

export async function replayHost(name: RunName): Promise<NonNullable<ShownTrace['replay']>> {
  const { design, scenario, seed } = await designOf(name);
  const replay = createReplay(design, scenario, { seed });
  return (what, params: StateAtParams & OriginAtParams) => {
    if (what === 'originOf') return replay.originOf(params.moment, params.node, params.path);
    const before = params.before && replay.stateAt(params.before, params.node);
    const now = replay.stateAt(params.moment, params.node);
    if (now.kind !== 'rebuilt' || (before !== null && before.kind !== 'rebuilt')) return now;
    return { kind: 'rebuilt', value: { now: now.value, before: before?.value ?? null } } satisfies Rebuilt<unknown>;
  };
}
