// The licences of what is bundled, for those who get the bundle: made from what the bundler says that it took in.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

/**
 * @param {readonly { inputs: Record<string, unknown> }[]} metafiles of esbuild, with paths below the project's root
 * @returns {string} each package once, with the text of its licence
 * @throws when a package has no licence to quote
 */
export function noticesOf(metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles)
    for (const path of Object.keys(inputs)) {
      const [folder] = path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? [];
      if (folder !== undefined) folders.add(folder);
    }
  const sections = [...folders].sort().map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${licenceText(folder, license)}`;
  });
  return `dsys contains the following packages.\n\n${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function licenceText(folder, license) {
  const files = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  const file = files.find(name => /^licen[cs]e/i.test(name));
  if (file !== undefined) return readFileSync(join(root, folder, file), 'utf8').trim();
  const readme = files.find(name => /^readme/i.test(name));
  const quoted = readme && readFileSync(join(root, folder, readme), 'utf8').match(/^#+\s*licen[cs]e[\s\S]*/im)?.[0];
  if (quoted) return quoted.trim();
  throw new Error(`${folder} (${license}) is bundled and has no text of its licence to go with it`);
}
