// node scripts/with-node.mjs SCRIPT ARGS…: runs SCRIPT on a Node that is new enough (see node.mjs).
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { nodeOrExit, root } from './node.mjs';

const node = nodeOrExit();
const env = { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? '') };
const result = spawnSync(node, process.argv.slice(2), { stdio: 'inherit', cwd: root, env });
process.exit(result.status ?? 1);
