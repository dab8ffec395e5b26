/**
 * Where the text that a trace was made from may be, from what the trace calls it. Traces come from anywhere: what they name
 * is opened only when it is a design and below a folder that the person has opened, or beside the trace.
 */

/** A name of a strangers' file, as path segments; undefined for what is no design or leads out of its folder. */
export function segmentsOf(name: string): readonly string[] | undefined {
  const path = pathOf(name);
  if (path === undefined || !path.endsWith('.dsys')) return undefined;
  const segments = path.split('/').filter(segment => segment !== '' && segment !== '.');
  if (segments.length === 0 || segments.length > 64) return undefined;
  return segments.some(segment => segment === '..' || segment.includes('\0')) ? undefined : segments;
}

/** The path of a name that is a path or a URI; Windows' separators and drive letters become ordinary segments. */
function pathOf(name: string): string | undefined {
  const uri = /^[a-z][a-z0-9+.-]+:\/\/[^/]*(\/[^?#]*)$/i.exec(name);
  if (uri === null) return /^[a-z][a-z0-9+.-]+:\/\//i.test(name) ? undefined : name.replaceAll('\\', '/');
  try {
    return decodeURIComponent(uri[1]);
  } catch {
    return undefined;
  }
}

/** A folder that may be looked into, as path segments. */
export type Folder = readonly string[];

/**
 * Files to look for, the likeliest first.
 * @param roots folders that the person has opened
 * @param beside folder of the trace, if it is a file
 */
export function candidatesOf(
  name: string,
  roots: readonly Folder[],
  beside: Folder | undefined,
): (readonly string[])[] {
  const segments = segmentsOf(name);
  if (segments === undefined) return [];
  const found: (readonly string[])[] = [];
  for (const root of roots) {
    // An absolute name inside of the folder.
    if (root.length < segments.length && root.every((segment, index) => segments[index] === segment))
      found.push(segments);
  }
  for (const root of roots) {
    // The command line names files from where it was started, which is often a folder of the project.
    for (let from = 0; from < segments.length; from++) found.push([...root, ...segments.slice(from)]);
  }
  if (beside !== undefined) found.push([...beside, segments[segments.length - 1]]);
  return [...new Map(found.map(one => [one.join('/'), one])).values()].slice(0, 32);
}
