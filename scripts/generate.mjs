// Generates the parser, the AST types and the TextMate grammar from grammar/dsys.langium (not committed: one source).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './node.mjs';

const cli = join(root, 'node_modules', 'langium-cli', 'bin', 'langium.js');
const result = spawnSync(process.execPath, [cli, 'generate'], { stdio: 'inherit', cwd: join(root, 'grammar') });
process.exit(result.status ?? 1);
