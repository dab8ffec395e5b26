export * from './diagnostic.ts';
export * from './module.ts';
export * from './names/resolve.ts';
export * from './names/symbols.ts';
export * from './workspace/diagnose.ts';
export * from './workspace/load.ts';
