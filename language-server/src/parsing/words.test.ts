import { AstUtils, GrammarAST } from 'langium';
import { expect, test } from 'vitest';
import { createDsysCoreServices } from '../module.ts';
import { roleWords } from '../names/expected.ts';
import { check } from '../testing/check.ts';

const keywords = AstUtils.streamAllContents(createDsysCoreServices().dsys.Grammar)
  .filter(GrammarAST.isKeyword)
  .map(each => each.value)
  .filter(each => /^[a-z]/.test(each))
  .distinct()
  .toArray();

/** Words that are not keywords of the grammar but look like something else. */
const others = ['p50', 'p3', 'raft', 'hash', 'ms', 'd', 'x', 'a-b', 'leaderless', 'kv'];

test('the language has as many words as one would think', () => {
  expect(keywords.length).toBeGreaterThan(100);
  expect(keywords).toContain('claims');
});

/** Everywhere that something is given a name or called by its name. */
const everywhere = (word: string) => `
region ${word} { zones ${word}, other }
cluster c {
  nodes ${word}, n2 in ${word}
  nodes n3 in ${word}.${word}
  witness w1
}
network {
  between ${word} and c { loss 1% }
  from c.${word} to ${word}.${word} { loss 1% }
  within ${word} { loss 1% }
}
store ${word} on c {
  record { ${word}: string second: string -> ${word}.${word} }
  partition by list(${word}) { ${word}: "a" on c  zz: rest on c } then by hash(${word}, second) into 4
  replication multi-leader asynchronous {
    leader n2, ${word}
    leader ${word}
    leader ${word}, n2
    conflicts avoid by ${word} { "a" -> c.${word}  "b" -> ${word}  7 -> ${word} }
    manager ${word}x
  }
  claims { residency ${word} in ${word} apart-from ${word} keeps ${word} >= 0 keeps unique ${word} keeps sum(${word}) survives ${word} }
}
store ${word}x on c {
  partition with ${word}
  replication leaderless { read any 2 of (${word}, n2, all of (n3, ${word})) write weight 2 of (${word} = 1, n2 = 1) }
}
transaction ${word}-t { update ${word} read all ${word} read 2 ${word}x, ${word} commit two-phase-commit { coordinator ${word} } }
workload ${word} on ${word}, ${word}-t {
  clients 3 in c.${word}
  operations 50% read on ${word}, 50% read by ${word} on ${word}
}
scenario ${word} {
  run ${word} for 5s
  at 1s crash c.${word}, leader of ${word}, clients of ${word}, leader of ${word}.${word}.p1
  at 1s cut c.${word} from c.${word}, n2
  at 1s client ${word} write ${word} = ${word} via ${word} on ${word}
  at 1s add c.${word} to ${word}
  at 1s move ${word}.${word} to c.${word}
  at 1s lose ${word} from c.${word} to c.${word}
  when ${word} reaches c.${word} heal
  expect no lost-writes of ${word}, ${word}.${word} from 1s
}
exploration ${word} of ${word} { operations 1 read at most 1 crash }
`;

test.each([...keywords, ...others])('%s is a name everywhere', async word => {
  await check(everywhere(word));
});

test.each([...keywords, ...others])('%s is a cluster, the only thing in a list and the last one', async word => {
  const isRole = roleWords.includes(word) || word === 'rest' || word === 'all';
  await check(`
cluster ${word} { nodes 3 spare ${word}-s }
store s on ${word} { }
store t on ${word}, ${word} { replication chain { master s } }
scenario s { run for 5s at 1s crash ${isRole ? `${word}1` : word} for 1s at 2s crash ${word}1, ${word}2 losing disk }
`);
});
