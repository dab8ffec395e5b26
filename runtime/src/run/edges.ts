/** `when MESSAGE reaches|leaves TARGET …`: fires once, the first time, from the scenario's time 0 on. */
import type { Scenario } from '../design/scenario.ts';
import { type Faults, type FaultVerb, startFault } from '../kernel/faults.ts';
import type { Endpoint } from '../kernel/network.ts';
import { schedule } from '../kernel/simulation.ts';
import { resolveTarget } from '../kernel/targets.ts';

export interface Edges {
  arm(originNs: number): void;
  passed(edge: 'leaves' | 'reaches', type: string, endpoint: Endpoint): void;
}

export function watchEdges(faults: Faults, scenario: Scenario): Edges {
  const waiting = scenario.actions.flatMap(action =>
    action.trigger.kind === 'when' ? [{ action, trigger: action.trigger }] : [],
  );
  let armed = false;
  return {
    arm() {
      armed = waiting.length > 0;
    },
    passed(edge, type, endpoint) {
      if (!armed) return;
      for (let i = 0; i < waiting.length; i++) {
        const { action, trigger } = waiting[i]!;
        if (trigger.edge !== edge || trigger.message !== type) continue;
        if (!trigger.targets.some(target => resolveTarget(faults.context, target, []).nodes.includes(endpoint)))
          continue;
        waiting.splice(i--, 1);
        const fire = () => void startFault(faults, action.verb as FaultVerb, action.forNs, action.text, action.at);
        // What leaves a node leaves from within its handler: the fault comes right after, not in its middle.
        if (edge === 'leaves') schedule(faults.context.sim, faults.context.sim.now, fire);
        else fire();
        armed = waiting.length > 0;
      }
    },
  };
}
