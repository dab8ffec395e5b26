/** The inside of a thread that executes designs: no Langium, so that it starts quickly. */
import { probabilities } from '@dsys/runtime/run/probabilities';
import { runScenario } from '@dsys/runtime/run/report';
import { runTest } from '@dsys/runtime/run/test';
import { changeText } from '@dsys/runtime/trace/changes';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { checkStores } from '../live/check.ts';
import { version } from '../version.ts';
import type { Answers, FromWorker, Job, Tidings, ToWorker } from './jobs.ts';
import { lookAtState, lookForOrigin } from './looks.ts';

/** Handles one message; `post` may hand buffers over. */
export function handle(
  { id, job, flag }: ToWorker,
  post: (message: FromWorker, transfer: readonly ArrayBuffer[]) => void,
): void {
  const cancelled = () => flag !== undefined && Atomics.load(flag, 0) !== 0;
  try {
    const answer = work(job, cancelled, tidings => post({ id, kind: 'progress', tidings }, []));
    const buffers = 'trace' in answer && answer.trace ? [answer.trace.buffer] : [];
    post({ id, kind: 'done', answer }, buffers);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    post({ id, kind: 'failed', message }, []);
  }
}

function work(
  job: Job,
  cancelled: () => boolean,
  progress: (tidings: Tidings[Job['kind']]) => void,
): Answers[Job['kind']] {
  switch (job.kind) {
    case 'run': {
      const { design, scenario, seed, wantTrace, changes } = job;
      const options = { tool: version, seed, record: true, cancelled, changes };
      const { report, trace, executed } = runScenario(design, scenario, options);
      const unmet = executed.unmet.map(change => changeText(change, executed.originNs));
      return { report, unmet, trace: wantTrace ? (encodeContainer(trace!) as Uint8Array<ArrayBuffer>) : null };
    }
    case 'test': {
      const { design, scenario, seeds } = job;
      return runTest(design, scenario, { tool: version, from: 1, seeds, cancelled, progress });
    }
    case 'live':
      return checkStores(job, cancelled, progress);
    case 'state':
      return lookAtState(job, cancelled);
    case 'origin':
      return lookForOrigin(job, cancelled);
    case 'probabilities': {
      const { design, scenario, looked, moments, ...options } = job;
      return probabilities(design, scenario, looked, moments, { ...options, cancelled }, progress);
    }
  }
}
