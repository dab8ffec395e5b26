export * from './generated/ast.ts';
export * from './generated/module.ts';
export * from './units.ts';
