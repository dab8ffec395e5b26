/** A leader that was paused for longer than it takes to replace it finds requests and answers from before: none may count. */
import { expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

it('acknowledges nothing from before its pause', async () => {
  const design = await designOf(`
    cluster c { nodes n1, n2, n3 }
    store s on c {
      replication single-leader asynchronous { leader n1  failover automatic { detect 1s } }
      claims { no split-brain }
    }
    workload w on s { clients 20  rate 500/s }
    scenario pause { run w for 8s  at 3s pause n1 for 4s  settle 2s }
  `);
  // Before acknowledgements were looked at again after the disk's sync, seeds 3 and 4 broke it.
  const { outcome, seeds } = testScenario(design, 'pause', isLong ? 200 : 30);
  expect({ outcome, seeds }).toMatchObject({ outcome: 'pass' });
});
